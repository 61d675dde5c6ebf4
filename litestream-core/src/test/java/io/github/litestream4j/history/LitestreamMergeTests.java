package io.github.litestream4j.history;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

import io.github.litestream4j.ltx.LtxHeader;
import io.github.litestream4j.ltx.LtxReader;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.restore.RestoreRequest;
import io.github.litestream4j.restore.Restorer;
import io.github.litestream4j.scratch.ScratchFolder;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.testsupport.LitestreamBinary;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Replicas that Litestream 0.5 wrote: their files are merged as Litestream itself did,
 * and both restore what comes of it.
 */
class LitestreamMergeTests {

	@TempDir
	Path folder;

	static List<Path> replicas() throws Exception {
		try (Stream<Path> cases = Files
			.list(Path.of(LitestreamMergeTests.class.getResource("/fixtures/litestream-v0.5").toURI()))) {
			return cases.map((path) -> path.resolve("replica")).sorted().toList();
		}
	}

	@ParameterizedTest
	@MethodSource("replicas")
	void f35MergesAsLitestreamDoes(Path replica) throws Exception {
		FileReplicaStorage storage = new FileReplicaStorage(replica);
		ScratchFolder scratch = new ScratchFolder(this.folder);
		for (int level = 1; level <= 2; level++) {
			for (StoredFile theirs : storage.list(level)) {
				if (!theirs.key().name().isSnapshot()) {
					try (MergedFile ours = LtxMerge.merge(inputs(storage, theirs, scratch), scratch);
							InputStream in = storage.read(theirs.key(), 0, theirs.size())) {
						assertSame(in, ours.open());
					}
				}
			}
		}
	}

	private static List<InputFile> inputs(FileReplicaStorage storage, StoredFile merged, ScratchFolder scratch) {
		return storage.list(merged.key().level() - 1)
			.stream()
			.filter((file) -> merged.key().name().contains(file.key().name().min()))
			.map((file) -> new InputFile(file, storage, (name) -> Optional.empty(), scratch))
			.toList();
	}

	private static void assertSame(InputStream theirs, InputStream ours) throws IOException {
		try (LtxReader expected = new LtxReader(theirs, "theirs"); LtxReader found = new LtxReader(ours, "ours")) {
			LtxHeader header = found.header();
			assertThat(header).isEqualTo(expected.header());
			byte[] expectedPage = new byte[header.pageSize()];
			byte[] foundPage = new byte[header.pageSize()];
			long number;
			do {
				number = found.nextPage(foundPage);
				assertThat(number).isEqualTo(expected.nextPage(expectedPage));
				assertThat(foundPage).isEqualTo(expectedPage);
			}
			while (number != 0);
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void whatComesOfItIsRestoredByBoth(boolean withSnapshots) throws Exception {
		for (Path replica : replicas()) {
			Path copy = copy(replica, withSnapshots);
			FileReplicaStorage storage = new FileReplicaStorage(copy);
			Map<Txid, byte[]> states = new TreeMap<>();
			for (StoredFile file : storage.list(0)) {
				states.put(file.key().name().max(), Files.readAllBytes(restored(storage, file.key().name().max())));
			}
			ReplicaIndex index = ReplicaIndex.of(storage.list(0));
			storage.list(9).forEach(index::add);
			Compaction compaction = new Compaction(storage, index, (name) -> Optional.empty(),
					new ScratchFolder(this.folder.resolve("scratch")),
					List.of(Duration.ofNanos(1), Duration.ofNanos(2), Duration.ofNanos(3)), Clock.systemUTC());
			for (int i = 0; i < 3; i++) {
				compaction.run();
			}
			deleteMerged(storage, index);
			for (int level = 1; level <= 3; level++) {
				assertThat(storage.list(level)).isNotEmpty();
				for (StoredFile file : storage.list(level)) {
					assertThat(file.key().name().isSnapshot()).isFalse();
					Txid txid = file.key().name().max();
					assertThat(restored(storage, txid)).hasBinaryContent(states.get(txid));
					Path theirs = this.folder.resolve("theirs-" + System.nanoTime());
					LitestreamBinary.current()
						.restore(LitestreamBinary.url(copy), theirs, "-txid", txid.toString())
						.succeeded();
					assertThat(theirs).hasBinaryContent(states.get(txid));
				}
			}
		}
	}

	/** A replica of which nothing is merged yet. */
	private Path copy(Path replica, boolean withSnapshots) throws IOException {
		Path copy = this.folder.resolve(replica.getParent().getFileName().toString());
		for (int level : withSnapshots ? new int[] { 0, 9 } : new int[] { 0 }) {
			Path target = Files.createDirectories(copy.resolve("ltx/" + level));
			try (Stream<Path> files = Files.list(replica.resolve("ltx/" + level))) {
				for (Path file : (Iterable<Path>) files::iterator) {
					Files.copy(file, target.resolve(file.getFileName()));
				}
			}
		}
		return copy;
	}

	private static void deleteMerged(FileReplicaStorage storage, ReplicaIndex index) {
		List<LtxKey> merged = new ArrayList<>();
		for (StoredFile file : storage.list(0)) {
			if (index.level(1).stream().anyMatch((other) -> other.key().name().contains(file.key().name().max()))) {
				merged.add(file.key());
			}
		}
		assertThat(merged).isNotEmpty();
		storage.delete(merged);
	}

	private Path restored(FileReplicaStorage storage, Txid txid) {
		Path target = this.folder.resolve("ours-" + System.nanoTime());
		new Restorer(storage).restore(RestoreRequest.latest(target).to(txid)).orElseThrow();
		return target;
	}

}
