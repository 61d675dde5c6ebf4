package io.github.litestream4j.wal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * However a WAL is cut into batches, the same pages come out of it.
 */
class WalFilePropertyTests {

	@Property(tries = 150, seed = "4721")
	void batchesAreWholeTransactionsAndLeadToTheEnd(@ForAll("wals") WalBuilder wal,
			@ForAll @IntRange(min = 1, max = 400_000) int limit) throws IOException {
		Path path = wal.writeTo(Files.createTempFile("property", "-wal"));
		try (WalFile file = new WalFile(path)) {
			WalHeader header = file.header();
			WalPosition position = header.start();
			int from = 0;
			while (!position.equals(wal.position())) {
				WalBatch batch = file.read(header, position, wal.position().offset(), limit, null);
				int to = from + (int) ((batch.end().offset() - position.offset()) / header.frameSize());
				assertThat(batch.start()).isEqualTo(position);
				assertThat(wal.frames().get(to - 1).end()).isEqualTo(batch.end());
				assertThat(wal.frames().get(to - 1).commit()).isPositive().isEqualTo(batch.commit());
				assertThat(WalBuilder.pages(batch)).isEqualTo(wal.pages(from, to));
				boolean fits = batch.end().offset() - position.offset() <= limit;
				assertThat(fits || transactions(wal, from, to) == 1).as("frames %d to %d", from, to).isTrue();
				position = batch.end();
				from = to;
			}
			assertThat(from).isEqualTo(wal.frames().size());
		}
		finally {
			Files.delete(path);
		}
	}

	@Property(tries = 60, seed = "4722")
	void theWholeRunAtOnceIsTheSameAsItsFrames(@ForAll("wals") WalBuilder wal) throws IOException {
		Path path = wal.writeTo(Files.createTempFile("property", "-wal"));
		try (WalFile file = new WalFile(path)) {
			WalBatch batch = file.readAll(file.header(), wal.position(), null);
			assertThat(batch.end()).isEqualTo(wal.position());
			assertThat(WalBuilder.pages(batch)).isEqualTo(wal.pages(0, wal.frames().size()));
		}
		finally {
			Files.delete(path);
		}
	}

	private static long transactions(WalBuilder wal, int from, int to) {
		return wal.frames().subList(from, to).stream().filter((frame) -> frame.commit() != 0).count();
	}

	@Provide
	Arbitrary<WalBuilder> wals() {
		Arbitrary<Integer> pageSizes = Arbitraries.of(List.of(512, 1024, 2048, 4096, 8192, 16384, 32768, 65536));
		Arbitrary<List<Integer>> transactions = Arbitraries.integers().between(1, 12).list().ofMinSize(1).ofMaxSize(6);
		return Combinators.combine(pageSizes, Arbitraries.of(true, false), transactions, Arbitraries.randoms())
			.as(WalFilePropertyTests::build);
	}

	private static WalBuilder build(int pageSize, boolean bigEndian, List<Integer> transactions, Random random) {
		WalBuilder wal = new WalBuilder(bigEndian, pageSize, random.nextInt(), random.nextInt());
		for (int frames : transactions) {
			long commit = 1 + random.nextInt(10);
			for (int i = 1; i <= frames; i++) {
				wal.frame(1 + random.nextInt(12), (i == frames) ? commit : 0, random.nextLong());
			}
		}
		return wal;
	}

}
