package io.github.litestream4j.ltx;

import java.nio.ByteBuffer;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Properties of {@link Crc64}.
 */
class Crc64PropertyTests {

	@Property(seed = "64")
	void equalsTheBitwiseDefinition(@ForAll @Size(max = 300) byte[] bytes) {
		assertThat(Crc64Tests.crc(bytes)).isEqualTo(Crc64Tests.bitwise(bytes));
	}

	@Property(seed = "64")
	void doesNotDependOnHowTheBytesArrive(@ForAll @Size(max = 300) byte[] bytes, @ForAll @IntRange(max = 300) int first,
			@ForAll @IntRange(max = 300) int second) {
		int one = Math.min(first, bytes.length);
		int two = Math.min(second, bytes.length - one);
		Crc64 arrays = new Crc64();
		arrays.update(bytes, 0, one);
		arrays.update(bytes, one, two);
		arrays.update(bytes, one + two, bytes.length - one - two);
		Crc64 buffers = new Crc64();
		ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
		buffers.update(direct.limit(one));
		buffers.update(ByteBuffer.wrap(bytes, one, two));
		buffers.update(direct.limit(bytes.length).position(one + two));
		assertThat(arrays.value()).isEqualTo(Crc64Tests.bitwise(bytes));
		assertThat(buffers.value()).isEqualTo(Crc64Tests.bitwise(bytes));
		assertThat(direct.hasRemaining()).isFalse();
	}

	@Property(seed = "64")
	void checksumOfAPageCoversItsNumber(@ForAll @IntRange(min = 1) int low, @ForAll boolean high,
			@ForAll @Size(min = 16, max = 64) byte[] page) {
		long number = high ? low | 0x80000000L : low;
		byte[] whole = ByteBuffer.allocate(4 + page.length).putInt((int) number).put(page).array();
		assertThat(Crc64.pageChecksum(number, page, 0, page.length))
			.isEqualTo(Crc64Tests.bitwise(whole) | Long.MIN_VALUE);
	}

}
