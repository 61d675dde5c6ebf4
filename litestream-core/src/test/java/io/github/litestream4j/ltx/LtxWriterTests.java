package io.github.litestream4j.ltx;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.TreeMap;

import io.github.litestream4j.scratch.ScratchFolder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link LtxWriter}.
 */
class LtxWriterTests {

	private final ByteArrayOutputStream out = new ByteArrayOutputStream();

	private final byte[] page = LtxFiles.page(65536, 1).array();

	@Test
	void refusesPagesOutOfOrder() throws IOException {
		try (LtxWriter writer = new LtxWriter(this.out, LtxFiles.incremental(512, 10))) {
			writer.writePage(5, this.page, 0);
			assertThatIllegalArgumentException().isThrownBy(() -> writer.writePage(5, this.page, 0))
				.withMessageContaining("ascend");
			assertThatIllegalArgumentException().isThrownBy(() -> writer.writePage(4, this.page, 0));
			assertThatIllegalArgumentException().isThrownBy(() -> writer.writePage(0, this.page, 0));
			assertThatIllegalArgumentException().isThrownBy(() -> writer.writePage(-1, this.page, 0));
			assertThatIllegalArgumentException().isThrownBy(() -> writer.writePage(11, this.page, 0))
				.withMessageContaining("above");
			writer.writePage(10, this.page, 0);
			writer.finish(0);
		}
		assertThat(LtxFiles.read(this.out.toByteArray()).pages()).containsOnlyKeys(5L, 10L);
	}

	@Test
	void refusesTheLockPage() throws IOException {
		try (LtxWriter writer = new LtxWriter(this.out, LtxFiles.incremental(65536, 20000))) {
			writer.writePage(16384, this.page, 0);
			assertThatIllegalArgumentException().isThrownBy(() -> writer.writePage(16385, this.page, 0))
				.withMessageContaining("lock page");
			writer.writePage(16386, this.page, 0);
		}
	}

	@Test
	void refusesASnapshotWithAHole() throws IOException {
		try (LtxWriter writer = new LtxWriter(this.out, LtxFiles.snapshot(512, 4))) {
			assertThatIllegalArgumentException().isThrownBy(() -> writer.writePage(2, this.page, 0))
				.withMessageContaining("page 1");
			writer.writePage(1, this.page, 0);
			assertThatIllegalArgumentException().isThrownBy(() -> writer.writePage(3, this.page, 0))
				.withMessageContaining("page 2");
			writer.writePage(2, this.page, 0);
			writer.writePage(3, this.page, 0);
			assertThatIllegalStateException().isThrownBy(() -> writer.finish(0)).withMessageContaining("page 4 of 4");
		}
	}

	/** F11: the page of SQLite's locks is not there, and nothing else is missing. */
	@Test
	void f11ASnapshotOfMoreThanOneGibLeavesOutTheLockPage() throws IOException {
		byte[] empty = new byte[65536];
		try (LtxWriter writer = new LtxWriter(this.out, LtxFiles.snapshot(65536, 16386))) {
			for (int i = 1; i <= 16384; i++) {
				writer.writePage(i, empty, 0);
			}
			assertThatIllegalStateException().isThrownBy(() -> writer.finish(0));
			writer.writePage(16386, this.page, 0);
			writer.finish(0);
		}
		LtxIndex index = LtxFiles.index(this.out.toByteArray());
		index.verify(LtxFiles.snapshot(65536, 16386));
		assertThat(index.size()).isEqualTo(16385);
		try (LtxReader reader = new LtxReader(new ByteArrayInputStream(this.out.toByteArray()), "big")) {
			long last = 0;
			for (long next = reader.nextPage(empty); next != 0; next = reader.nextPage(empty)) {
				last = next;
			}
			assertThat(last).isEqualTo(16386);
		}
	}

	@Test
	void checksThePostApplyChecksum() throws IOException {
		LtxHeader plain = LtxFiles.incremental(512, 1);
		try (LtxWriter writer = new LtxWriter(this.out, plain)) {
			assertThatIllegalArgumentException().isThrownBy(() -> writer.finish(-1));
		}
		LtxHeader summed = new LtxHeader(0, 512, 1, Txid.FIRST, Txid.FIRST, 0, 0, 0, 0, 0, 0, 0);
		try (LtxWriter writer = new LtxWriter(this.out, summed)) {
			writer.writePage(1, this.page, 0);
			assertThatIllegalArgumentException().isThrownBy(() -> writer.finish(0));
			assertThatIllegalArgumentException().isThrownBy(() -> writer.finish(-1));
			long checksum = Crc64.pageChecksum(1, this.page, 0, 512);
			assertThat(writer.finish(checksum).postApplyChecksum()).isEqualTo(checksum);
		}
	}

	@Test
	void takesAPageFromTheMiddleOfAnArray() throws IOException {
		try (LtxWriter writer = new LtxWriter(this.out, LtxFiles.incremental(512, 1))) {
			writer.writePage(1, this.page, 700);
			writer.finish(0);
		}
		assertThat(LtxFiles.read(this.out.toByteArray()).pages().get(1L))
			.isEqualTo(ByteBuffer.wrap(this.page, 700, 512));
	}

	@Test
	void refusesAPageThatIsTooShort() throws IOException {
		try (LtxWriter writer = new LtxWriter(this.out, LtxFiles.incremental(512, 1))) {
			assertThatExceptionOfType(IndexOutOfBoundsException.class)
				.isThrownBy(() -> writer.writePage(1, this.page, this.page.length - 511));
		}
	}

	@Test
	void writesNothingAfterItsEnd() throws IOException {
		try (LtxWriter writer = new LtxWriter(this.out, LtxFiles.incremental(512, 1))) {
			writer.finish(0);
			long length = writer.bytesWritten();
			assertThat(length).isEqualTo(this.out.size());
			assertThatIllegalStateException().isThrownBy(() -> writer.writePage(1, this.page, 0));
			assertThatIllegalStateException().isThrownBy(() -> writer.finish(0));
		}
		assertThat(LtxFiles.read(this.out.toByteArray()).pages()).isEqualTo(new TreeMap<>());
	}

	@Test
	void leavesTheStreamOpen() throws IOException {
		boolean[] closed = new boolean[1];
		OutputStream stream = new ByteArrayOutputStream() {

			@Override
			public void close() {
				closed[0] = true;
			}

		};
		try (LtxWriter writer = new LtxWriter(stream, LtxFiles.incremental(512, 1))) {
			writer.finish(0);
		}
		assertThat(closed[0]).isFalse();
	}

	/** What follows bytes that may be lost would not be a file. */
	@Test
	void isGivenUpWhenTheStreamFails() throws IOException {
		OutputStream full = new OutputStream() {

			@Override
			public void write(int b) throws IOException {
				throw new IOException("no space left");
			}

		};
		try (LtxWriter writer = new LtxWriter(full, LtxFiles.incremental(65536, 3))) {
			assertThatExceptionOfType(IOException.class).isThrownBy(() -> writer.writePage(1, this.page, 0))
				.withMessage("no space left");
			assertThatIllegalStateException().isThrownBy(() -> writer.writePage(2, this.page, 0));
			assertThatIllegalStateException().isThrownBy(() -> writer.finish(0));
		}
	}

	@Test
	void f22TheIndexOfALargeFileIsTheSameFromATemporaryFile(@TempDir Path folder) throws Exception {
		int pages = 150_000;
		byte[] page = new byte[512];
		ByteArrayOutputStream fromMemory = new ByteArrayOutputStream();
		try (LtxWriter one = new LtxWriter(fromMemory, LtxFiles.snapshot(512, pages));
				LtxWriter other = new LtxWriter(this.out, LtxFiles.snapshot(512, pages), new ScratchFolder(folder))) {
			for (int number = 1; number <= pages; number++) {
				page[number % 512] = (byte) number;
				one.writePage(number, page, 0);
				other.writePage(number, page, 0);
			}
			assertThat(other.finish(0)).isEqualTo(one.finish(0));
		}
		assertThat(this.out.toByteArray()).isEqualTo(fromMemory.toByteArray());
		assertThat(LtxFiles.index(this.out.toByteArray()).size()).isEqualTo(pages);
		assertThat(folder).isEmptyDirectory();
	}

}
