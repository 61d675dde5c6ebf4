package io.github.litestream4j.storage;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;

import io.github.litestream4j.CorruptDataException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A stored checksum is read as it was written, or not at all.
 */
class ChecksumTextTests {

	private static final String PLACE = "meta/checksums/9/x";

	@ParameterizedTest
	@ValueSource(longs = { 0, 1, -1, 0x0123456789abcdefL, 0xfedcba9876543210L })
	void isReadAsItWasWritten(long checksum) {
		assertThat(ChecksumText.parse(ChecksumText.of(checksum), PLACE)).hasValue(checksum);
		assertThat(ChecksumText.find(Optional.of(ChecksumText.bytes(checksum)), PLACE)).hasValue(checksum);
	}

	@ParameterizedTest
	@ValueSource(longs = { 0x0123456789abcdefL, 0xfedcba9876543210L })
	void noChangedByteIsReadAsTheSame(long checksum) {
		for (int at = 0; at < ChecksumText.LENGTH; at++) {
			for (int change = 1; change < 256; change++) {
				byte[] bytes = ChecksumText.bytes(checksum);
				bytes[at] ^= (byte) change;
				assertThat(readOrNamed(bytes)).as("byte %d changed to %d", at, bytes[at])
					.isNotEqualTo(OptionalLong.of(checksum));
			}
		}
	}

	private static OptionalLong readOrNamed(byte[] bytes) {
		try {
			return ChecksumText.find(Optional.of(bytes), PLACE);
		}
		catch (CorruptDataException ex) {
			assertThat(ex).hasMessageStartingWith(PLACE + " is not a database checksum");
			return OptionalLong.empty();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "0", "0123456789abcde", "0123456789abcdef0", "0123456789abcdef\n", " 123456789abcdef",
			"0123456789ABCDEF", "0123456789abcdeg", "+123456789abcdef" })
	void anythingElseIsNamed(String text) {
		assertThatExceptionOfType(CorruptDataException.class).isThrownBy(() -> ChecksumText.parse(text, PLACE))
			.withMessageStartingWith(PLACE + " is not a database checksum: expected 16 lower-case hex digits, found '");
	}

	@Test
	void digitsOfOtherScriptsAreNone() {
		byte[] utf8 = "٠123456789abcdef".getBytes(StandardCharsets.UTF_8);
		assertThatExceptionOfType(CorruptDataException.class)
			.isThrownBy(() -> ChecksumText.find(Optional.of(utf8), PLACE));
		assertThatExceptionOfType(CorruptDataException.class)
			.isThrownBy(() -> ChecksumText.parse("٠123456789abcdef", PLACE));
	}

	@Test
	void whatStandsForNoneIsNone() {
		for (String none : new String[] { "", ChecksumText.NONE }) {
			assertThat(ChecksumText.find(Optional.of(none.getBytes(StandardCharsets.US_ASCII)), PLACE)).isEmpty();
		}
	}

}
