package io.github.litestream4j.restore;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

import io.github.litestream4j.UnreachablePointException;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import net.jpountz.lz4.LZ4FrameOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A WAL whose offsets have more than 32 bits.
 */
class LegacyLongWalTests {

	private static final int PAGE_SIZE = 65536;

	private static final long LENGTH = 4_360_000_000L;

	private static final long PART = 1_450_000_000L;

	private final ByteBuffer frame = ByteBuffer.allocate(24 + PAGE_SIZE);

	private int sum1;

	private int sum2;

	@TempDir
	private Path folder;

	@Test
	void f47AppliesAWalOfMoreThanFourGigabytes() throws IOException {
		Path file = this.folder.resolve("source.db");
		byte[] before = TestReplica.database(file, "PRAGMA page_size=" + PAGE_SIZE, "CREATE TABLE t(x)",
				"INSERT INTO t VALUES ('before')");
		byte[] after = TestReplica.database(file, "UPDATE t SET x = 'after'");
		assertThat(after).hasSize(2 * PAGE_SIZE);
		Path generation = this.folder.resolve("replica/generations/0123456789abcdef");
		Path wal = Files.createDirectories(generation.resolve("wal"));
		Files.createDirectories(generation.resolve("snapshots"));
		try (OutputStream out = compressed(generation.resolve("snapshots/00000000.snapshot.lz4"))) {
			out.write(before);
		}
		long offset = 0;
		while (offset < LENGTH) {
			offset = writePart(wal, offset, after);
		}
		Path last = wal.resolve("00000000_1034a4cd0.wal.lz4");
		assertThat(last).exists();
		Path target = this.folder.resolve("restored.db");
		Restorer restorer = new Restorer(new FileReplicaStorage(this.folder.resolve("replica")));
		restorer.restore(RestoreRequest.latest(target));
		assertThat(Files.readAllBytes(target)).isEqualTo(after);
		// The low 32 bits of its offset are those of no other part
		Files.move(last, wal.resolve("00000000_034a4cd0.wal.lz4"));
		assertThatExceptionOfType(UnreachablePointException.class)
			.isThrownBy(() -> restorer.restore(RestoreRequest.latest(this.folder.resolve("gap.db"))))
			.withMessageContainingAll("There is a gap", "00000000_034a4cd0");
	}

	/**
	 * Write frames with empty pages, each a transaction, and those of the database at the
	 * end.
	 */
	private long writePart(Path wal, long start, byte[] database) throws IOException {
		long offset = start;
		try (OutputStream out = compressed(wal.resolve("00000000_%08x.wal.lz4".formatted(start)))) {
			if (start == 0) {
				ByteBuffer header = ByteBuffer.allocate(32).putInt(0x377f0683).putInt(3007000).putInt(PAGE_SIZE);
				header.putInt(0).putInt(17).putInt(18);
				sum(header, 0, 24);
				out.write(header.putInt(this.sum1).putInt(this.sum2).array());
				offset += 32;
			}
			while (offset - start < PART && offset < LENGTH) {
				offset += writeFrame(out, 2, new byte[0]);
			}
			if (offset >= LENGTH) {
				offset += writeFrame(out, 1, Arrays.copyOf(database, PAGE_SIZE));
				offset += writeFrame(out, 2, Arrays.copyOfRange(database, PAGE_SIZE, 2 * PAGE_SIZE));
			}
		}
		return offset;
	}

	private int writeFrame(OutputStream out, int page, byte[] content) throws IOException {
		this.frame.clear().putInt(page).putInt(2).putInt(17).putInt(18);
		sum(this.frame, 0, 8);
		if (content.length > 0) {
			this.frame.position(24).put(content);
			sum(this.frame, 24, PAGE_SIZE);
		}
		else {
			sumOfZeros();
		}
		this.frame.putInt(16, this.sum1).putInt(20, this.sum2);
		out.write(this.frame.array());
		return this.frame.capacity();
	}

	private void sum(ByteBuffer bytes, int from, int length) {
		for (int at = from; at < from + length; at += 8) {
			this.sum1 += bytes.getInt(at) + this.sum2;
			this.sum2 += bytes.getInt(at + 4) + this.sum1;
		}
	}

	/**
	 * Eight bytes of zeros multiply the two sums by a matrix; a page of them by its
	 * power, which is quickly squared.
	 */
	private void sumOfZeros() {
		int a = 1;
		int b = 1;
		int c = 1;
		int d = 2;
		for (int length = 8; length < PAGE_SIZE; length *= 2) {
			int e = a * a + b * c;
			int f = a * b + b * d;
			int g = c * a + d * c;
			d = c * b + d * d;
			a = e;
			b = f;
			c = g;
		}
		int first = a * this.sum1 + b * this.sum2;
		this.sum2 = c * this.sum1 + d * this.sum2;
		this.sum1 = first;
	}

	private static OutputStream compressed(Path file) throws IOException {
		return new LZ4FrameOutputStream(Files.newOutputStream(file));
	}

}
