package io.github.litestream4j.storage;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.github.litestream4j.CorruptDataException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A small file of ours is read as it was written, or not at all.
 */
class MetaDocumentTests {

	@Property(tries = 200)
	void isReadAsItWasWritten(@ForAll List<String> values) {
		Map<String, String> members = new LinkedHashMap<>();
		for (int i = 0; i < values.size(); i++) {
			// Lone surrogates are no text
			members.put("m" + i, new String(values.get(i).getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8));
		}
		MetaDocument document = MetaDocument.decode(MetaDocument.encode(members), "x");
		members.forEach((name, value) -> assertThat(document.get(name)).isEqualTo(value));
	}

	@Test
	void aCutFileIsFound() {
		byte[] bytes = sample();
		for (int length = 0; length < bytes.length; length++) {
			byte[] cut = Arrays.copyOf(bytes, length);
			assertThatExceptionOfType(CorruptDataException.class).isThrownBy(() -> MetaDocument.decode(cut, "x"));
		}
	}

	@Test
	void spacesAreNoDamage() {
		String json = new String(sample(), StandardCharsets.UTF_8).replace(",", " ,\n  ").replace("{", " {\n");
		assertThat(MetaDocument.decode(json.getBytes(StandardCharsets.UTF_8), "x").get("id")).isEqualTo("one");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "{}", "[]", "null", "{\"id\":1}", "{\"id\":\"a\",}", "{\"id\":\"a\" \"b\":\"c\"}",
			"{\"id\":\"a\"}x", "{\"id\":\"a\",\"id\":\"a\"}" })
	void anythingElseIsDamaged(String json) {
		assertThatExceptionOfType(CorruptDataException.class)
			.isThrownBy(() -> MetaDocument.decode(json.getBytes(StandardCharsets.UTF_8), "x"));
	}

	@Test
	void whatIsNotThereIsNamed() {
		MetaDocument document = MetaDocument.decode(sample(), "meta/x");
		assertThat(document.find("pageSize")).isEmpty();
		assertThatExceptionOfType(CorruptDataException.class).isThrownBy(() -> document.get("pageSize"))
			.withMessageContaining("meta/x")
			.withMessageContaining("'pageSize'");
	}

	private static byte[] sample() {
		Map<String, String> members = new LinkedHashMap<>();
		members.put("id", "one");
		members.put("other", "zwei \"2\" \\ \n drei");
		return MetaDocument.encode(members);
	}

}
