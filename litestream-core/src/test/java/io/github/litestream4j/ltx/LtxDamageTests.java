package io.github.litestream4j.ltx;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

import com.sun.management.ThreadMXBean;
import io.github.litestream4j.CorruptDataException;
import net.jpountz.lz4.LZ4FrameOutputStream.FLG.Bits;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Files of which one byte is another, or the end is missing (F40): never another
 * exception, never a wrong page, never memory by what a damaged length says.
 */
class LtxDamageTests {

	/** What a few pages of the largest size need; a damaged length may say 4 GiB. */
	private static final long ENOUGH = 1024 * 1024;

	private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

	@ParameterizedTest
	@MethodSource("files")
	void everyOtherByteIsFoundWhenTheFileIsRead(byte[] file) throws Exception {
		SortedMap<Long, ByteBuffer> pages = LtxFiles.read(file).pages();
		byte[] damaged = file.clone();
		for (int i = 0; i < file.length; i++) {
			for (int change = 1; change < 256; change++) {
				damaged[i] = (byte) (file[i] ^ change);
				long before = THREADS.getCurrentThreadAllocatedBytes();
				boolean found = isFound(damaged);
				requireLittleMemorySince(before);
				if (!found) {
					// Only another encoding of the same page is no damage.
					assertThat(i).isBetween(LtxHeader.SIZE, file.length - LtxIndex.TAIL);
					assertThat(LtxFiles.read(damaged).pages()).isEqualTo(pages);
				}
			}
			damaged[i] = file[i];
		}
	}

	/**
	 * A page that is fetched alone has no checksum: here only the form can be wrong.
	 */
	@ParameterizedTest
	@MethodSource("files")
	void everyOtherBitGivesPagesOrIsFoundThroughTheIndex(byte[] file) {
		byte[] damaged = file.clone();
		long found = 0;
		for (int i = 0; i < file.length; i++) {
			for (int bit = 0; bit < 8; bit++) {
				damaged[i] = (byte) (file[i] ^ 1 << bit);
				long before = THREADS.getCurrentThreadAllocatedBytes();
				found += isFoundThroughIndex(damaged) ? 1 : 0;
				requireLittleMemorySince(before);
			}
			damaged[i] = file[i];
		}
		assertThat(found).isPositive();
	}

	private static boolean isFound(byte[] file) throws IOException {
		try {
			LtxFiles.read(file);
			return false;
		}
		catch (CorruptDataException ex) {
			// Plain code: what an assertion allocates would be counted.
			if (!String.valueOf(ex.getMessage()).startsWith("app/0000/test.ltx: ")) {
				throw new AssertionError("expected the file's name in the message", ex);
			}
			return true;
		}
	}

	private static boolean isFoundThroughIndex(byte[] file) {
		try {
			LtxFiles.readThroughIndex(file);
			return false;
		}
		catch (CorruptDataException ex) {
			return true;
		}
		catch (AssertionError ex) {
			assertThat(ex).hasMessageStartingWith("the index says page");
			return true;
		}
	}

	private static void requireLittleMemorySince(long before) {
		long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
		if (allocated >= ENOUGH) {
			throw new AssertionError("allocated " + allocated + " bytes");
		}
	}

	@ParameterizedTest
	@MethodSource("files")
	void everyMissingEndIsFound(byte[] file) {
		for (int length = 0; length < file.length; length++) {
			byte[] cut = Arrays.copyOf(file, length);
			assertThatExceptionOfType(CorruptDataException.class).isThrownBy(() -> LtxFiles.read(cut))
				.withMessageContaining("truncated");
			assertThatExceptionOfType(CorruptDataException.class).isThrownBy(() -> LtxFiles.index(cut));
		}
	}

	@Test
	void anEmptyFileIsNamed() {
		assertThatExceptionOfType(CorruptDataException.class).isThrownBy(() -> LtxFiles.read(new byte[0]))
			.withMessage("app/0000/test.ltx: expected a header of 100 bytes at byte 0, but the file ends at byte 0; "
					+ "it is truncated");
	}

	static Stream<Named<byte[]>> files() {
		TreeMap<Long, ByteBuffer> pages = new TreeMap<>();
		pages.put(1L, shortPage(1));
		TreeMap<Long, ByteBuffer> sparse = new TreeMap<>();
		sparse.put(3L, shortPage(3));
		sparse.put(300L, shortPage(4));
		LtxHeader summed = new LtxHeader(0, 512, 1, Txid.FIRST, Txid.FIRST, 0, 0, 0, 0, 0, 0, 0);
		long checksum = Crc64.pageChecksum(1, shortPage(5).array(), 0, 512);
		return Stream.of(Named.of("snapshot", LtxFiles.write(LtxFiles.snapshot(512, 1), pages, 0)),
				Named.of("incremental",
						LtxFiles.write(LtxFiles.incremental(512, 300).withWal(32, 1072, 5, 6), sparse, 0)),
				Named.of("database checksum", LtxFiles.raw(summed, checksum, LtxFiles.block(1, shortPage(5)))),
				Named.of("older form", LtxFiles.raw(LtxFiles.incremental(512, 9), 0, LtxFiles.frame(1, shortPage(1),
						Bits.BLOCK_INDEPENDENCE, Bits.BLOCK_CHECKSUM, Bits.CONTENT_CHECKSUM))));
	}

	/**
	 * Compresses to some fifty bytes, with literals and matches.
	 */
	private static ByteBuffer shortPage(int seed) {
		byte[] bytes = new byte[512];
		byte[] word = ("row " + seed + " of a table;").getBytes(StandardCharsets.US_ASCII);
		for (int i = 0; i < bytes.length; i++) {
			bytes[i] = (i < 20) ? (byte) (i * i * seed) : word[i % word.length];
		}
		return ByteBuffer.wrap(bytes);
	}

}
