package io.github.litestream4j.session;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import io.github.litestream4j.session.FaultProcess.Kind;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.testsupport.ChildProcess;
import io.github.litestream4j.testsupport.Ledger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The operating system refuses something for a while: the application goes on, its
 * history is paused, and goes on without a gap. Nothing is taken for damage.
 */
@EnabledOnOs(OS.LINUX)
class SystemFaultTests {

	private static final String NO_SPACE = "No space left on device";

	@TempDir
	Path folder;

	@BeforeEach
	void prepare() throws Exception {
		Files.createDirectory(this.folder.resolve("data"));
		Files.createDirectory(this.folder.resolve("staging"));
	}

	@Test
	void f60TheDiskOfTheStagingFolderIsFullForAWhile() throws Exception {
		// Where no file system may be mounted, StagingFaultTests has the same fault
		List<String> wrapper = mounted("staging", "4m");
		String output = FaultProcess.run(wrapper.isEmpty() ? Kind.STAGING_PERMISSION : Kind.STAGING_DISK,
				wrapper.isEmpty() ? withoutPrivileges() : wrapper, this.folder);
		assertThat(output).containsPattern("failing Cannot capture: Cannot write .*staging")
			.contains(wrapper.isEmpty() ? "AccessDenied" : NO_SPACE);
		assertThat(output).contains("overcome=true");
		assertOneHistoryWithoutAGap(output);
	}

	@Test
	void f60TheDiskOfTheDatabaseIsFullForAWhile() throws Exception {
		List<String> wrapper = mounted("data", "4m");
		if (wrapper.isEmpty()) {
			// Any limit that SQLite meets: the database may not grow beyond it
			wrapper = List.of("prlimit", "--fsize=4000000");
		}
		String output = FaultProcess.run(Kind.DATABASE_DISK, wrapper, this.folder);
		assertThat(output).contains("refused ");
		assertOneHistoryWithoutAGap(output);
	}

	@Test
	void f65TheProcessCanOpenNoFileForAWhile() throws Exception {
		List<String> limited = List.of("sh", "-c", "ulimit -n 160; exec \"$@\"", "sh");
		String output = FaultProcess.run(Kind.DESCRIPTORS, concat(limited, withoutPrivileges()), this.folder);
		assertThat(output).containsPattern("failing .*Too many open files");
		assertOneHistoryWithoutAGap(output);
	}

	@Test
	void f65TheStagingFolderMayNotBeWrittenForAWhile() throws Exception {
		String output = FaultProcess.run(Kind.STAGING_PERMISSION, withoutPrivileges(), this.folder);
		assertThat(output).containsPattern("failing .*AccessDenied");
		assertOneHistoryWithoutAGap(output);
	}

	@Test
	void f65TheFolderOfTheReplicaMayNotBeWrittenForAWhile() throws Exception {
		String output = FaultProcess.run(Kind.REPLICA_PERMISSION, withoutPrivileges(), this.folder);
		assertThat(output).containsPattern("failing .*replica");
		assertOneHistoryWithoutAGap(output);
	}

	private void assertOneHistoryWithoutAGap(String output) throws Exception {
		FileReplicaStorage storage = new FileReplicaStorage(this.folder.resolve("replica"));
		Path restored = this.folder.resolve("restored");
		TestDatabase.restore(storage, restored);
		assertThat(output).contains("committed " + Ledger.verify(restored) + "\n");
		assertThat(storage.list(LtxKey.SNAPSHOT_LEVEL)).as("one snapshot").hasSize(1);
		List<StoredFile> files = storage.list(0);
		for (int i = 1; i < files.size(); i++) {
			assertThat(files.get(i).key().name().min()).isEqualTo(files.get(i - 1).key().name().max().next());
		}
	}

	/**
	 * A command that mounts a small file system in a namespace of its own.
	 * @return empty where that is not allowed
	 */
	private List<String> mounted(String name, String size) {
		List<String> wrapper = List.of("unshare", "-rm", "sh", "-c",
				"mount -t tmpfs -o size=" + size + " tmpfs \"$0\" && exec \"$@\"",
				this.folder.resolve(name).toString());
		try (ChildProcess attempt = ChildProcess.start(concat(wrapper, List.of("true")), Map.of(), this.folder,
				this.folder.resolve("mount.log"))) {
			return (attempt.await(TestDatabase.TIMEOUT) == 0) ? wrapper : List.of();
		}
		catch (UncheckedIOException ex) {
			// There is no such command
			return List.of();
		}
	}

	/** A superuser may write what is read-only: that right is taken away. */
	private List<String> withoutPrivileges() throws Exception {
		Path probe = Files.createFile(this.folder.resolve("probe"));
		return (probe.toFile().setReadOnly() && Files.isWritable(probe))
				? List.of("setpriv", "--bounding-set=-dac_override,-dac_read_search") : List.of();
	}

	private static List<String> concat(List<String> first, List<String> second) {
		return Stream.concat(first.stream(), second.stream()).toList();
	}

}
