package io.github.litestream4j.history;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.scratch.ScratchFolder;
import io.github.litestream4j.storage.Content;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.testsupport.FaultyStorage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A history that is merged, and what it is merged with.
 */
abstract class AbstractCompactionTests {

	static final Duration SECONDS_30 = Duration.ofSeconds(30);

	static final Duration MINUTES_5 = Duration.ofMinutes(5);

	@TempDir
	Path folder;

	final TestClock clock = new TestClock();

	FaultyStorage storage;

	TestHistory history;

	Path scratch;

	@BeforeEach
	void prepare() throws IOException {
		this.storage = new FaultyStorage(new FileReplicaStorage(this.folder.resolve("replica")));
		this.history = new TestHistory(this.storage, 1);
		this.scratch = Files.createDirectories(this.folder.resolve("scratch"));
	}

	@AfterEach
	void leavesNoTemporaryFile() {
		assertThat(this.scratch).isEmptyDirectory();
	}

	List<InputFile> inputs(long from, long to) {
		List<InputFile> inputs = new ArrayList<>();
		for (long txid = from; txid <= to; txid++) {
			inputs.add(new InputFile(this.history.stored(0, txid, txid), this.storage, LocalFilesFor.NONE,
					new ScratchFolder(this.scratch)));
		}
		return inputs;
	}

	Path path(int level, long min, long max) {
		return this.folder.resolve("replica/ltx/" + level + "/" + TestHistory.key(level, min, max).name());
	}

	Compaction compaction() {
		return compaction(this.storage, this.history, LocalFilesFor.NONE);
	}

	Compaction compaction(ReplicaStorage storage, TestHistory history, LocalFiles local) {
		return new Compaction(storage, history.index(), local, new ScratchFolder(this.scratch),
				List.of(SECONDS_30, MINUTES_5, Duration.ofHours(1)), this.clock);
	}

	/**
	 * The files in a folder.
	 */
	record LocalFilesFor(Path folder) implements LocalFiles {

		static final LocalFiles NONE = (name) -> Optional.empty();

		@Override
		public Optional<Content> find(LtxFileName name) throws IOException {
			Path path = this.folder.resolve(name.toString());
			return Files.exists(path) ? Optional.of(Content.of(path, Files.size(path))) : Optional.empty();
		}

	}

}
