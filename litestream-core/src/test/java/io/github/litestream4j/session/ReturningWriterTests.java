package io.github.litestream4j.session;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import io.github.litestream4j.replication.Generation;
import io.github.litestream4j.restore.RestoreRequest;
import io.github.litestream4j.restore.Restorer;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.testsupport.FaultyStorage.Operation;
import io.github.litestream4j.testsupport.LitestreamBinary;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A machine breaks down at a bad moment, another one goes on, and the first comes back:
 * what it still has staged must not be mixed into the other one's history.
 */
class ReturningWriterTests {

	@TempDir
	Path folder;

	@ParameterizedTest
	@ValueSource(ints = { 0, 3 })
	void goesOnAfterAKillAtTheMomentItsSnapshotIsStored(int staged) throws Exception {
		Machine first = machine("first").gone(3);
		Machine second = first.copy("second", false);
		openUntilItsSnapshotIsStored(second);
		if (staged > 0) {
			second.commit(staged);
			second.stage();
		}
		Machine again = second.breakDown("again");
		again.open();
		again.commit(1);
		again.sync();
		assertThat(again.session().replicator().generations()).extracting(Generation::reason)
			.containsExactly("first-start", "position-unknown");
		assertThat(storage().list(LtxKey.SNAPSHOT_LEVEL)).hasSize(2);
		again.close();
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void f30ASnapshotThatAnotherWriterHasGoneOnFromIsNotTakenAway(boolean killed) throws Exception {
		Machine first = machine("first").gone(3);
		Machine slow = first.copy("slow", false);
		openUntilItsSnapshotIsStored(slow);
		Machine fast = machine("fast").begun(2);
		if (killed) {
			Machine again = slow.breakDown("again");
			assertRestores(fast);
			goesOnAlone(again);
			fast.commit(1);
			fast.awaitFenced();
		}
		else {
			slow.storage.release(Operation.LIST);
			slow.awaitFenced();
			fast.commit(1);
			fast.sync();
			assertRestores(fast);
			slow.close();
		}
		fast.close();
		assertThat(storage().list(LtxKey.SNAPSHOT_LEVEL)).hasSize(killed ? 3 : 2);
	}

	@Test
	void f30WhatWaitedForASnapshotThatNeverCameGoesOnWithNothing() throws Exception {
		Machine first = machine("first").gone(3);
		Machine slow = first.copy("slow", false);
		slow.openHanging(Operation.PUT);
		slow.commit(2);
		slow.stage();
		Machine returned = slow.breakDown("slow2");
		takenOverMeanwhile();
		goesOnAlone(returned);
	}

	@Test
	void f30WhatWaitedForADeltaThatNeverCameGoesOnWithNothing() throws Exception {
		Machine first = machine("first").gone(3);
		Sqlite3.run(first.settings.database(),
				"INSERT INTO entries VALUES (4, 'foreign', randomblob(5000)); PRAGMA wal_checkpoint(TRUNCATE)");
		first.entries.add("4foreign");
		Machine slow = first.copy("slow", true);
		slow.storage.hang(Operation.PUT_IF_ABSENT);
		slow.open();
		slow.commit(2);
		slow.stage();
		Machine returned = slow.breakDown("slow2");
		// The comparison was not at its end yet
		Files.delete(staged(returned).get(0));
		takenOverMeanwhile();
		goesOnAlone(returned);
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void f30WhatAPowerLossLeftOfTheStagedFilesGoesOnWithNothing(boolean torn) throws Exception {
		Machine first = machine("first").begun(3);
		first.storage.hang(Operation.PUT_IF_ABSENT);
		for (int i = 0; i < 3; i++) {
			first.commit(1);
			first.stage();
		}
		Machine returned = first.breakDown("returned");
		Path oldest = staged(returned).get(0);
		Files.delete(oldest);
		if (torn) {
			Files.createFile(oldest);
		}
		takenOverMeanwhile();
		goesOnAlone(returned);
	}

	@Test
	void f30WhoIsRestoredWhileANewHistoryBeginsBeginsOneToo() throws Exception {
		Machine first = machine("first").gone(1);
		Machine slow = first.copy("slow", false);
		Sqlite3.run(slow.settings.database(), "CREATE TABLE big AS SELECT randomblob(3000000) AS data");
		slow.openHanging(Operation.PUT);
		Machine other = machine("other").begun(1);
		slow.storage.release(Operation.PUT);
		slow.awaitFenced();
		slow.commit(2);
		other.commit(1);
		other.sync();
		assertRestores(other);
		slow.close();
		other.close();
	}

	@Test
	void f30TwoSnapshotsNeverHaveTheSameName() throws Exception {
		Machine first = machine("first").gone(3);
		Machine slow = first.copy("slow", false);
		Machine fast = first.copy("fast", false);
		slow.storage.failAlways(Operation.PUT);
		slow.open();
		Awaitility.await().until(() -> slow.storage.calls(Operation.PUT) > 0);
		fast.open();
		fast.commit(2);
		fast.sync();
		// The TXID of the other's snapshot
		slow.commit(1);
		slow.stage();
		slow.storage.heal();
		slow.awaitFenced();
		fast.commit(1);
		fast.sync();
		assertRestores(fast);
		slow.close();
		fast.close();
	}

	/** The writer of the snapshot stands still before it looks again. */
	private static void openUntilItsSnapshotIsStored(Machine machine) throws Exception {
		machine.openHanging(Operation.PUT);
		machine.storage.hang(Operation.LIST);
		int listings = machine.storage.calls(Operation.LIST);
		machine.storage.release(Operation.PUT);
		Awaitility.await().until(() -> machine.storage.calls(Operation.LIST) > listings);
	}

	private static List<Path> staged(Machine machine) throws Exception {
		try (Stream<Path> files = Files.list(machine.settings.stagingDirectory().resolve("ltx/0"))) {
			return files.sorted().toList();
		}
	}

	private void takenOverMeanwhile() throws Exception {
		Machine other = machine("other");
		other.open();
		other.execute("UPDATE entries SET writer = 'other', data = randomblob(5000) WHERE seq = 1");
		other.entries.set(0, "1other");
		other.sync();
		assertThat(Machine.entries(other.settings.database())).isEqualTo(other.entries);
		other.close();
	}

	private void goesOnAlone(Machine machine) throws Exception {
		machine.open();
		machine.commit(1);
		machine.sync();
		assertRestores(machine);
		machine.close();
	}

	private void assertRestores(Machine machine) throws Exception {
		Path ours = Files.createTempDirectory(this.folder, "ours").resolve("app.db");
		new Restorer(storage()).restore(RestoreRequest.latest(ours));
		assertThat(Machine.entries(ours)).isEqualTo(machine.entries);
		assertThat(Machine.data(ours)).isEqualTo(Machine.data(machine.settings.database()));
		Path theirs = Files.createTempDirectory(this.folder, "theirs").resolve("app.db");
		LitestreamBinary.current().restore(LitestreamBinary.url(replica()), theirs).succeeded();
		assertThat(Machine.entries(theirs)).isEqualTo(machine.entries);
		assertThat(Machine.data(theirs)).isEqualTo(Machine.data(machine.settings.database()));
	}

	private Machine machine(String name) throws Exception {
		return new Machine(this.folder, replica(), name);
	}

	private Path replica() {
		return this.folder.resolve("replica");
	}

	private FileReplicaStorage storage() {
		return new FileReplicaStorage(replica());
	}

}
