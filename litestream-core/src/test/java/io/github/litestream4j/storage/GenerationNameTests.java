package io.github.litestream4j.storage;

import io.github.litestream4j.ltx.Txid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class GenerationNameTests {

	@Test
	void isNamedAfterItsFirstTxid() {
		GenerationName name = new GenerationName(new Txid(0xabc));
		assertThat(name).hasToString("0000000000000abc.json");
		assertThat(name.metaName()).isEqualTo("generations/0000000000000abc.json");
		assertThat(GenerationName.parse(name.toString())).hasValue(name);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", ".json", "0000000000000abc", "0000000000000abc.jso", "0000000000000ABC.json",
			"000000000000abc.json", "00000000000000abc.json", "000000000000-abc.json", "0000000000000abc.json.tmp" })
	void passesOtherNamesOver(String name) {
		assertThat(GenerationName.parse(name)).isEmpty();
	}

}
