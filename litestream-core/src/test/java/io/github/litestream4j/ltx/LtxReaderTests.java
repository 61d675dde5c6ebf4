package io.github.litestream4j.ltx;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;

import io.github.litestream4j.CorruptDataException;
import net.jpountz.lz4.LZ4FrameOutputStream.FLG.Bits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link LtxReader}: what it refuses though every checksum fits, and the older
 * form of pages.
 */
class LtxReaderTests {

	private static final LtxHeader HEADER = LtxFiles.incremental(512, 10);

	private static final ByteBuffer PAGE = LtxFiles.page(512, 1);

	@Test
	void refusesPagesThatDoNotAscend() {
		refused("ascend", HEADER, LtxFiles.block(5, PAGE), LtxFiles.block(5, PAGE));
		refused("ascend", HEADER, LtxFiles.block(5, PAGE), LtxFiles.block(4, PAGE));
	}

	@Test
	void refusesAPageAboveTheCommitSize() {
		refused("page 11 is above", HEADER, LtxFiles.block(11, PAGE));
	}

	@Test
	void refusesTheLockPage() {
		LtxHeader header = LtxFiles.incremental(65536, 20000);
		refused("lock page", header, LtxFiles.block(16385, LtxFiles.page(65536, 1)));
	}

	@Test
	void refusesASnapshotThatIsNotWhole() {
		LtxHeader header = LtxFiles.snapshot(512, 3);
		refused("page 1", header, LtxFiles.block(2, PAGE));
		refused("page 2", header, LtxFiles.block(1, PAGE), LtxFiles.block(3, PAGE));
		refused("ends before page 3 of 3", header, LtxFiles.block(1, PAGE), LtxFiles.block(2, PAGE));
		refused("ends before page 1 of 3", header);
	}

	@ParameterizedTest
	@ValueSource(ints = { 2, 3, 0x8001, 0xffff })
	void refusesUnknownPageFlags(int flags) {
		refused("flags 0x" + Integer.toHexString(flags), HEADER,
				new LtxFiles.Entry(1, flags, LtxFiles.block(1, PAGE).data(), PAGE));
	}

	@Test
	void refusesAPageOfAnotherSize() {
		ByteBuffer shorter = ByteBuffer.wrap(Arrays.copyOf(PAGE.array(), 511));
		refused("page 1: expected 512 bytes", HEADER, LtxFiles.block(1, shorter));
		refused("page 1", HEADER, LtxFiles.block(1, LtxFiles.page(1024, 1)));
		refused("LZ4", HEADER, LtxFiles.frame(1, shorter, Bits.BLOCK_INDEPENDENCE));
		refused("LZ4", HEADER, LtxFiles.frame(1, LtxFiles.page(1024, 1), Bits.BLOCK_INDEPENDENCE));
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, -1, Integer.MAX_VALUE, Integer.MIN_VALUE, 700 })
	void refusesASizeThatNoPageHas(int size) {
		byte[] data = ByteBuffer.allocate(2000).putInt(size).array();
		refused("its size is " + Integer.toUnsignedString(size), HEADER, new LtxFiles.Entry(1, 1, data, PAGE));
	}

	@Test
	void refusesChecksumsThatDoNotFitTheHeader() {
		byte[] plain = LtxFiles.raw(HEADER, -1, LtxFiles.block(1, PAGE));
		corrupt("post-apply", plain);
		LtxHeader summed = new LtxHeader(0, 512, 1, Txid.FIRST, Txid.FIRST, 0, 0, 0, 0, 0, 0, 0);
		corrupt("post-apply", LtxFiles.raw(summed, 5, LtxFiles.block(1, PAGE)));
		corrupt("its pages give", LtxFiles.raw(summed, -1, LtxFiles.block(1, PAGE)));
	}

	@Test
	void readsDatabaseChecksums() throws IOException {
		LtxHeader summed = new LtxHeader(0, 512, 2, Txid.FIRST, new Txid(3), 0, 0, 0, 0, 0, 0, 0);
		ByteBuffer second = LtxFiles.page(512, 2);
		long checksum = (Crc64.pageChecksum(1, PAGE.array(), 0, 512) ^ Crc64.pageChecksum(2, second.array(), 0, 512))
				| Long.MIN_VALUE;
		byte[] file = LtxFiles.raw(summed, checksum, LtxFiles.block(1, PAGE), LtxFiles.block(2, second));
		assertThat(LtxFiles.read(file).trailer().postApplyChecksum()).isEqualTo(checksum);
		LtxHeader later = new LtxHeader(0, 512, 2, new Txid(2), new Txid(3), 0, checksum, 0, 0, 0, 0, 0);
		assertThat(LtxFiles.read(LtxFiles.raw(later, -9, LtxFiles.block(2, second))).header()).isEqualTo(later);
	}

	@Test
	void refusesAnotherHeader() {
		byte[] header = HEADER.encode().putInt(4, 4).array();
		corrupt("flags", LtxFiles.raw(header, 0, LtxFiles.block(1, PAGE)));
		corrupt("byte 80", LtxFiles.raw(HEADER.encode().put(80, (byte) 1).array(), 0, LtxFiles.block(1, PAGE)));
	}

	@Test
	void refusesBytesAfterTheEnd() {
		byte[] file = LtxFiles.raw(HEADER, 0, LtxFiles.block(1, PAGE));
		corrupt("more follows", Arrays.copyOf(file, file.length + 1));
		corrupt("more follows", Arrays.copyOf(file, file.length + 70_000));
	}

	@Test
	void readsTheOlderForm() throws IOException {
		ByteBuffer noise = ByteBuffer.wrap(new byte[512]);
		new Random(3).nextBytes(noise.array());
		byte[] file = LtxFiles.raw(HEADER, 0, LtxFiles.frame(1, PAGE, Bits.BLOCK_INDEPENDENCE, Bits.CONTENT_CHECKSUM),
				LtxFiles.frame(2, noise, Bits.BLOCK_INDEPENDENCE), LtxFiles.block(3, noise),
				LtxFiles.frame(4, PAGE, Bits.BLOCK_INDEPENDENCE, Bits.BLOCK_CHECKSUM, Bits.CONTENT_SIZE,
						Bits.CONTENT_CHECKSUM),
				LtxFiles.frame(10, noise, Bits.BLOCK_INDEPENDENCE, Bits.BLOCK_CHECKSUM, Bits.CONTENT_CHECKSUM));
		var pages = LtxFiles.read(file).pages();
		assertThat(pages).containsOnlyKeys(1L, 2L, 3L, 4L, 10L);
		assertThat(pages.get(1L)).isEqualTo(PAGE);
		assertThat(pages.get(2L)).isEqualTo(noise);
		assertThat(pages.get(3L)).isEqualTo(noise);
		assertThat(pages.get(4L)).isEqualTo(PAGE);
		assertThat(pages.get(10L)).isEqualTo(noise);
		assertThat(LtxFiles.readThroughIndex(file)).isEqualTo(pages);
	}

	@ParameterizedTest
	@ValueSource(ints = { 512, 4096, 65536 })
	void readsTheOlderFormOfEverySize(int pageSize) throws IOException {
		ByteBuffer page = LtxFiles.page(pageSize, 2);
		byte[] file = LtxFiles.raw(LtxFiles.incremental(pageSize, 3), 0,
				LtxFiles.frame(1, page, Bits.BLOCK_INDEPENDENCE, Bits.CONTENT_CHECKSUM), LtxFiles.block(2, page),
				LtxFiles.frame(3, page, Bits.BLOCK_INDEPENDENCE, Bits.CONTENT_CHECKSUM));
		assertThat(LtxFiles.read(file).pages().values()).containsOnly(page).hasSize(3);
		assertThat(LtxFiles.readThroughIndex(file).values()).containsOnly(page).hasSize(3);
	}

	@Test
	void refusesAFrameWithAWrongChecksum() {
		LtxFiles.Entry good = LtxFiles.frame(1, PAGE, Bits.BLOCK_INDEPENDENCE, Bits.CONTENT_CHECKSUM);
		byte[] data = good.data().clone();
		data[data.length - 1] ^= 1;
		refused("checksum in its LZ4 frame", HEADER, new LtxFiles.Entry(1, 0, data, PAGE));
		byte[] start = good.data().clone();
		start[6] ^= 1;
		refused("LZ4 frame", HEADER, new LtxFiles.Entry(1, 0, start, PAGE));
	}

	@Test
	void passesAnErrorOfTheStreamOn() throws IOException {
		byte[] file = LtxFiles.raw(HEADER, 0, LtxFiles.block(1, PAGE));
		for (int length = 0; length < file.length; length++) {
			InputStream broken = new FailingAtEnd(Arrays.copyOf(file, length));
			assertThatExceptionOfType(IOException.class).isThrownBy(() -> readAll(broken))
				.withMessage("connection reset");
		}
	}

	@Test
	void readsAStreamThatGivesAByteAtATime() throws IOException {
		byte[] file = LtxFiles.raw(HEADER, 0, LtxFiles.block(1, PAGE),
				LtxFiles.frame(3, PAGE, Bits.BLOCK_INDEPENDENCE));
		readAll(new FilterInputStream(new ByteArrayInputStream(file)) {

			@Override
			public int read(byte[] into, int offset, int length) throws IOException {
				return super.read(into, offset, Math.min(length, 1));
			}

		});
	}

	@Test
	void stillSaysZeroAfterTheEnd() throws IOException {
		byte[] file = LtxFiles.raw(HEADER, 0, LtxFiles.block(1, PAGE));
		try (LtxReader reader = new LtxReader(new ByteArrayInputStream(file), "a")) {
			assertThatIllegalStateException().isThrownBy(reader::trailer);
			byte[] page = new byte[600];
			assertThat(reader.nextPage(page)).isEqualTo(1);
			assertThat(ByteBuffer.wrap(page, 0, 512)).isEqualTo(PAGE);
			assertThatIllegalStateException().isThrownBy(reader::trailer);
			assertThat(reader.nextPage(page)).isZero();
			assertThat(reader.nextPage(page)).isZero();
			assertThat(reader.trailer().postApplyChecksum()).isZero();
		}
	}

	@Test
	void readsAndChecksWhatIsLeft() throws IOException {
		byte[] file = LtxFiles.raw(HEADER, 0, LtxFiles.block(1, PAGE), LtxFiles.block(2, PAGE));
		try (LtxReader reader = new LtxReader(new ByteArrayInputStream(file), "a")) {
			assertThat(reader.nextPage(new byte[512])).isEqualTo(1);
			reader.readToEnd();
			assertThat(reader.trailer().postApplyChecksum()).isZero();
		}
		file[file.length - 1] ^= 1;
		try (LtxReader reader = new LtxReader(new ByteArrayInputStream(file), "a")) {
			assertThatExceptionOfType(CorruptDataException.class).isThrownBy(reader::readToEnd)
				.withMessageContaining("the file's checksum is");
		}
	}

	private static void refused(String message, LtxHeader header, LtxFiles.Entry... entries) {
		corrupt(message, LtxFiles.raw(header, 0, entries));
	}

	private static void corrupt(String message, byte[] file) {
		assertThatExceptionOfType(CorruptDataException.class).isThrownBy(() -> LtxFiles.read(file))
			.withMessageStartingWith("app/0000/test.ltx: ")
			.withMessageContaining(message);
	}

	private static void readAll(InputStream in) throws IOException {
		try (LtxReader reader = new LtxReader(in, "a")) {
			LtxFiles.pages(reader);
		}
	}

	private static final class FailingAtEnd extends FilterInputStream {

		FailingAtEnd(byte[] bytes) {
			super(new ByteArrayInputStream(bytes));
		}

		@Override
		public int read() throws IOException {
			return orFail(super.read());
		}

		@Override
		public int read(byte[] into, int offset, int length) throws IOException {
			return orFail(super.read(into, offset, length));
		}

		private static int orFail(int result) throws IOException {
			if (result < 0) {
				throw new IOException("connection reset");
			}
			return result;
		}

	}

}
