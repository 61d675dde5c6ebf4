package io.github.litestream4j.ltx;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Crc64}.
 */
class Crc64Tests {

	@Test
	void givesThePublishedCheckValue() {
		assertThat(crc("123456789".getBytes(StandardCharsets.US_ASCII))).isEqualTo(0xb90956c775a41001L);
	}

	@Test
	void ofNothingIsZero() {
		assertThat(crc(new byte[0])).isZero();
	}

	@Test
	void startsAfreshAfterReset() {
		Crc64 crc = new Crc64();
		crc.update(new byte[] { 1, 2, 3 }, 0, 3);
		crc.reset();
		assertThat(crc.value()).isEqualTo(new Crc64().value());
	}

	@Test
	void takesADirectBufferOfSeveralPieces() {
		byte[] bytes = new byte[50_001];
		for (int i = 0; i < bytes.length; i++) {
			bytes[i] = (byte) (i * 31 >> 3);
		}
		Crc64 crc = new Crc64();
		crc.update(ByteBuffer.allocateDirect(bytes.length).put(bytes).flip());
		assertThat(crc.value()).isEqualTo(bitwise(bytes));
	}

	static long crc(byte[] bytes) {
		Crc64 crc = new Crc64();
		crc.update(bytes, 0, bytes.length);
		return crc.value();
	}

	/**
	 * The definition, bit by bit.
	 */
	static long bitwise(byte[] bytes) {
		long crc = -1;
		for (byte b : bytes) {
			crc ^= b & 0xff;
			for (int bit = 0; bit < 8; bit++) {
				crc = ((crc & 1) != 0) ? crc >>> 1 ^ 0xd800000000000000L : crc >>> 1;
			}
		}
		return ~crc;
	}

}
