package io.github.litestream4j.session;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.github.litestream4j.ConfigurationException;
import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.replication.ErrorStage;
import io.github.litestream4j.replication.ReplicationStatus;
import io.github.litestream4j.replication.ReplicationStatus.State;
import io.github.litestream4j.replication.StageErrors;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;
import io.github.litestream4j.testsupport.Ledger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Errors of the kernel in single files of the staging folder, without any privilege: a
 * link to {@code /dev/full} has no space left, one to the first bytes of a process's
 * memory has an I/O error.
 */
@EnabledOnOs(OS.LINUX)
class StagingFaultTests extends AbstractFileReplicaTests {

	private static final Path IO_ERROR = Path.of("/proc/self/mem");

	@ParameterizedTest
	@ValueSource(strings = { "/dev/full", "/proc/self/mem" })
	void f60PausesWhileNothingCanBeStagedAndGoesOnWithoutAGap(String target) throws Exception {
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, 1);
			commit(ledger, 20);
			Txid before = database.replicator().sync(TestDatabase.TIMEOUT);
			List<Path> links = spoilFilesAfter(before, Path.of(target));
			// Less than is written piece by piece: that would take the link away
			commit(ledger, 20);
			Awaitility.await().until(() -> database.replicator().status().errors().count(ErrorStage.STAGING) >= 3);
			ReplicationStatus failing = database.replicator().status();
			assertThat(failing.state()).isEqualTo(State.FAILING);
			assertThat(failing.txid()).as("paused").isEqualTo(before);
			assertThat(failing.lag()).isPositive();
			assertThat(failing.failure()).contains("Cannot write").contains(".ltx");
			for (Path link : links) {
				Files.delete(link);
			}
			commit(ledger, 20);
			database.replicator().sync(TestDatabase.TIMEOUT);
			// What is stored is told before the step that captured it has ended
			Awaitility.await().until(() -> database.replicator().status().state() == State.RUNNING);
			ReplicationStatus healed = database.replicator().status();
			assertThat(healed.failure()).isNull();
			StageErrors last = healed.lastError();
			assertThat(last).isNotNull();
			assertThat(last.stage()).isEqualTo(ErrorStage.STAGING);
			assertThat(last.overcome()).isTrue();
			assertThat(last.count()).isEqualTo(healed.errors().count(ErrorStage.STAGING)).isGreaterThanOrEqualTo(3);
			assertOneHistory(ledger.last());
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "position", "checksums", "checksums-change" })
	void f65AFileOfOursThatCannotBeReadIsNoDamageAndStopsTheStart(String name) throws Exception {
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			commit(new Ledger(connection, 1), 20);
		}
		Path file = this.settings.stagingDirectory().resolve(name);
		Path aside = this.folder.resolve("aside");
		Files.move(file, aside);
		Files.createSymbolicLink(file, IO_ERROR);
		for (int i = 0; i < 2; i++) {
			assertThatExceptionOfType(ConfigurationException.class)
				.isThrownBy(() -> TestDatabase.open(this.settings, this.storage))
				.withMessageContaining("Input/output error");
		}
		Files.delete(file);
		Files.move(aside, file);
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			commit(new Ledger(connection, 2), 20);
		}
		assertOneHistory(40);
	}

	private List<Path> spoilFilesAfter(Txid txid, Path target) throws Exception {
		List<Path> links = new ArrayList<>();
		Txid next = txid;
		for (int i = 0; i < 50; i++) {
			next = next.next();
			Path link = this.settings.stagingDirectory()
				.resolve("ltx")
				.resolve("0")
				.resolve(LtxFileName.of(next).toString());
			links.add(Files.createSymbolicLink(link, target));
		}
		return links;
	}

	private void assertOneHistory(long last) throws Exception {
		Path target = this.folder.resolve("restored");
		TestDatabase.restore(this.storage, target);
		assertThat(Ledger.verify(target)).isEqualTo(last);
		assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).as("one snapshot").hasSize(1);
		List<StoredFile> files = this.storage.list(0);
		for (int i = 1; i < files.size(); i++) {
			assertThat(files.get(i).key().name().min()).isEqualTo(files.get(i - 1).key().name().max().next());
		}
	}

	private static void commit(Ledger ledger, int count) throws Exception {
		for (int i = 0; i < count; i++) {
			long start = System.nanoTime();
			ledger.commit();
			assertThat(Duration.ofNanos(System.nanoTime() - start)).as("no commit waits")
				.isLessThan(Duration.ofSeconds(5));
		}
	}

}
