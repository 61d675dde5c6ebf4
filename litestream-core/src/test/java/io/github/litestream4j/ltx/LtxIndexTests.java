package io.github.litestream4j.ltx;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Arrays;

import com.sun.management.ThreadMXBean;
import io.github.litestream4j.CorruptDataException;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link LtxIndex}.
 */
class LtxIndexTests {

	@Test
	void tellsWherePagesAre() throws IOException {
		byte[] bytes = index(new long[] { 3, 100, 50 }, new long[] { 0xffffffffL, 150, 70_000 - 4000 });
		LtxIndex index = decode(bytes, 150 + 66_000);
		assertThat(index.size()).isEqualTo(2);
		assertThat(index.pageNumber(0)).isEqualTo(3);
		assertThat(index.offset(0)).isEqualTo(100);
		assertThat(index.length(0)).isEqualTo(50);
		assertThat(index.pageNumber(1)).isEqualTo(0xffffffffL);
		assertThat(index.offset(1)).isEqualTo(150);
		assertThat(index.length(1)).isEqualTo(66_000);
	}

	@Test
	void refusesPagesThatDoNotAscend() throws IOException {
		damaged("page 3 follows page 3", 200, new long[] { 3, 100, 50 }, new long[] { 3, 150, 50 });
		damaged("page 2 follows page 3", 200, new long[] { 3, 100, 50 }, new long[] { 2, 150, 50 });
		damaged("page 4294967296", 150, new long[] { 0x100000000L, 100, 50 });
		damaged("page 0", 150, new long[] { 0, 100, 50 });
	}

	@Test
	void refusesHolesAndOverlaps() throws IOException {
		damaged("page 3 is at byte 101", 151, new long[] { 3, 101, 50 });
		damaged("page 4 is at byte 149", 199, new long[] { 3, 100, 50 }, new long[] { 4, 149, 50 });
		damaged("page 4 is at byte 151", 201, new long[] { 3, 100, 50 }, new long[] { 4, 151, 50 });
	}

	@Test
	void refusesALengthThatNoPageHas() throws IOException {
		damaged("page 3 has 6 bytes", 106, new long[] { 3, 100, 6 });
		damaged("page 3 has 0 bytes", 100, new long[] { 3, 100, 0 });
		damaged("page 3 has 2147483647 bytes", 100L + Integer.MAX_VALUE, new long[] { 3, 100, Integer.MAX_VALUE });
	}

	@Test
	void refusesAnotherFileSize() throws IOException {
		damaged("does not fit a file of", 149, new long[] { 3, 100, 50 });
		damaged("does not fit a file of", 151, new long[] { 3, 100, 50 });
	}

	@Test
	void refusesBytesThatAreNoIndex() {
		for (byte[] bytes : new byte[][] { {}, { 1 }, { 0, 0 }, { 1, 0 }, { 1, 2, 3 }, { 1, 100, 7, -1 },
				{ -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1, 100, 7, 0 } }) {
			assertThatExceptionOfType(CorruptDataException.class).isThrownBy(() -> decode(bytes, 107))
				.withMessageStartingWith("f: the page index is damaged");
			assertThatExceptionOfType(CorruptDataException.class).isThrownBy(() -> read(bytes, 107))
				.withMessageStartingWith("f: the page index is damaged");
		}
	}

	@Test
	void givesTheSameEntryByEntryInPiecesOfAnyLength() throws IOException {
		int size = 5000;
		long[][] entries = new long[size][];
		long at = 100;
		for (int i = 0; i < size; i++) {
			entries[i] = new long[] { 3 * i + 1, at, 100 + i };
			at += 100 + i;
		}
		byte[] bytes = index(entries);
		long fileSize = at + 6 + bytes.length + 24;
		LtxIndex index = decode(bytes, at);
		InputStream slow = new ByteArrayInputStream(bytes) {

			@Override
			public synchronized int read(byte[] into, int offset, int length) {
				return super.read(into, offset, Math.min(length, 7));
			}

		};
		LtxIndexReader reader = new LtxIndexReader(slow, bytes.length, fileSize, "f");
		for (int i = 0; i < size; i++) {
			assertThat(reader.next()).isTrue();
			assertThat(reader.pageNumber()).isEqualTo(index.pageNumber(i));
			assertThat(reader.offset()).isEqualTo(index.offset(i));
			assertThat(reader.length()).isEqualTo(index.length(i));
		}
		assertThat(reader.next()).isFalse();
		byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
		assertThatExceptionOfType(CorruptDataException.class)
			.isThrownBy(() -> read(longer, fileSize - 30 - bytes.length))
			.withMessageContaining("it ends after " + bytes.length + " of " + longer.length + " bytes");
	}

	@Test
	void refusesALengthThatTheFileCannotHold() {
		for (long length : new long[] { 0, -1, 11, Long.MAX_VALUE, Long.MIN_VALUE }) {
			assertThatExceptionOfType(CorruptDataException.class)
				.isThrownBy(() -> LtxIndex.indexLength(tail(length, -1), 140, "f"))
				.withMessageStartingWith("f: ")
				.withMessageContaining("byte 116");
		}
		assertThat(LtxIndex.indexLength(tail(10, -1), 140, "f")).isEqualTo(10);
		assertThatExceptionOfType(CorruptDataException.class)
			.isThrownBy(() -> LtxIndex.indexLength(tail(10, 1), 140, "f"));
		assertThatExceptionOfType(CorruptDataException.class)
			.isThrownBy(() -> LtxIndex.indexLength(tail(10, -1), 130, "f"))
			.withMessageContaining("truncated");
	}

	@Test
	void isCheckedAgainstTheHeader() throws IOException {
		LtxIndex index = decode(index(new long[] { 1, 100, 50 }, new long[] { 3, 150, 50 }), 200);
		index.verify(LtxFiles.incremental(512, 3));
		assertThatExceptionOfType(CorruptDataException.class)
			.isThrownBy(() -> index.verify(LtxFiles.incremental(512, 2)))
			.withMessageContaining("above");
		assertThatExceptionOfType(CorruptDataException.class).isThrownBy(() -> index.verify(LtxFiles.snapshot(512, 3)))
			.withMessageContaining("page 2");
		LtxIndex one = decode(index(new long[] { 1, 100, 5000 }), 5100);
		one.verify(LtxFiles.snapshot(8192, 1));
		assertThatExceptionOfType(CorruptDataException.class).isThrownBy(() -> one.verify(LtxFiles.snapshot(512, 1)))
			.withMessageContaining("5000 bytes");
		assertThatExceptionOfType(CorruptDataException.class).isThrownBy(() -> one.verify(LtxFiles.snapshot(8192, 2)))
			.withMessageContaining("page 2 of 2");
	}

	@Test
	void endsAlsoAfterTheLongestEntries() throws IOException {
		for (int size = 0; size < 300; size++) {
			IndexEncoder encoder = new IndexEncoder(null);
			for (int i = 0; i < size; i++) {
				encoder.add(0xffffffffL, Long.MAX_VALUE, Integer.MAX_VALUE);
			}
			assertThat(encoder.writeTo(new ByteArrayOutputStream(), new Crc64())).isEqualTo(19L * size + 1);
		}
	}

	/**
	 * F53b: an index of many pages is not a map of objects; what else the thread does
	 * meanwhile is in the rest.
	 */
	@Test
	void takesTwelveBytesAPage() throws IOException {
		int size = 1_000_000;
		IndexEncoder encoder = new IndexEncoder(null);
		for (int i = 0; i < size; i++) {
			encoder.add(i + 1, 100 + 2000L * i, 2000);
		}
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		long length = encoder.writeTo(out, new Crc64());
		byte[] bytes = out.toByteArray();
		assertThat(length).isEqualTo(bytes.length);
		ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
		long before = threads.getCurrentThreadAllocatedBytes();
		LtxIndex index = decode(bytes, 100 + 2000L * size);
		assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(20L * size);
		assertThat(index.size()).isEqualTo(size);
		assertThat(index.pageNumber(size - 1)).isEqualTo(size);
		assertThat(index.length(size - 1)).isEqualTo(2000);
	}

	/** Both that read an index have the same rules. */
	private static void damaged(String message, long end, long[]... entries) throws IOException {
		byte[] bytes = index(entries);
		assertThatExceptionOfType(CorruptDataException.class).isThrownBy(() -> read(bytes, end))
			.withMessageStartingWith("f: the page index is damaged");
		assertThatExceptionOfType(CorruptDataException.class).isThrownBy(() -> decode(bytes, end))
			.withMessageStartingWith("f: the page index is damaged")
			.withMessageContaining(message);
	}

	/**
	 * @param end where the last page ends
	 */
	private static LtxIndex decode(byte[] bytes, long end) {
		return LtxIndex.decode(ByteBuffer.wrap(bytes), end + 6 + bytes.length + 24, "f");
	}

	private static void read(byte[] bytes, long end) throws IOException {
		LtxIndexReader reader = new LtxIndexReader(new ByteArrayInputStream(bytes), bytes.length,
				end + 6 + bytes.length + 24, "f");
		while (reader.next()) {
			// to its end
		}
	}

	private static byte[] index(long[]... entries) throws IOException {
		IndexEncoder encoder = new IndexEncoder(null);
		for (long[] entry : entries) {
			encoder.add(entry[0], entry[1], (int) entry[2]);
		}
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		encoder.writeTo(out, new Crc64());
		return out.toByteArray();
	}

	private static ByteBuffer tail(long length, long fileChecksum) {
		return ByteBuffer.allocate(24).putLong(length).putLong(0).putLong(fileChecksum).flip();
	}

}
