package io.github.litestream4j.storage;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class ExactInputStreamTests {

	@Test
	void leavesUnreadWhatIsBeyond() throws IOException {
		ByteArrayInputStream source = new ByteArrayInputStream(new byte[] { 1, 2, 3, 4 });
		ExactInputStream in = new ExactInputStream(source, 3, "a file");
		assertThat(in.read()).isEqualTo(1);
		assertThat(in.available()).isEqualTo(2);
		assertThat(in.isExhausted()).isFalse();
		assertThat(in.readAllBytes()).containsExactly(2, 3);
		assertThat(in.isExhausted()).isTrue();
		assertThat(in.read()).isEqualTo(-1);
		assertThat(source.available()).isEqualTo(1);
	}

	@Test
	void failsWhenTheSourceEndsBefore() {
		assertThatExceptionOfType(EOFException.class)
			.isThrownBy(() -> new ExactInputStream(new ByteArrayInputStream(new byte[2]), 3, "a file").readAllBytes())
			.withMessage("a file ended after 2 of 3 bytes");
		assertThatExceptionOfType(EOFException.class)
			.isThrownBy(() -> new ExactInputStream(new ByteArrayInputStream(new byte[0]), 3, "a file").read());
		assertThatExceptionOfType(EOFException.class)
			.isThrownBy(() -> new ExactInputStream(new ByteArrayInputStream(new byte[2]), 3, "a file").skipNBytes(3));
	}

}
