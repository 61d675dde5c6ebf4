package io.github.litestream4j.benchmarks;

import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What {@link BigSizes} measures, so much smaller that it takes seconds, in a heap that
 * is smaller too. Each run restores what was written, and compares every byte.
 */
class BigSizesTests {

	/** Java needs about 15 MB of it, a batch of the WAL 16 MB. */
	private static final String HEAP = "56m";

	@TempDir
	Path folder;

	@Test
	void f22ATransactionLargerThanTheHeap() throws Exception {
		// Small pages: what grows with each page would be 40 MB
		assertThat(run().transaction(256, 512).isRestored()).isTrue();
	}

	@Test
	void f18AWalLargerThanTheHeapAndAKill() throws Exception {
		assertThat(run().wal(160).isRestored()).isTrue();
	}

	@Test
	void f11ADatabaseAcrossTheLockPageThatIsKilledWhileItIsStored() throws Exception {
		assertThat(run().database(1280, false).isRestored()).isTrue();
	}

	@Test
	void f4CommitsDoNotWaitForASnapshotOrACheckpoint() throws Exception {
		BigRun run = run().commits(300, 300, 5);
		assertThat(run.isRestored()).isTrue();
		assertThat(run.most("commits")).isGreaterThan(500);
		// A busy machine makes either long, but work that grows with the database longer
		assertThat(run.most("hold")).as("microseconds").isBetween(1L, 500_000L);
		assertThat(run.most("longest")).as("microseconds").isBetween(1L, 1_500_000L);
	}

	private BigRun run() {
		return new BigRun(this.folder, HEAP);
	}

}
