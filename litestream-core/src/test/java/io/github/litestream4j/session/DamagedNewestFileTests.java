package io.github.litestream4j.session;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.restore.RestoreRequest;
import io.github.litestream4j.restore.Restorer;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The replica's newest file is the one that a start looks at. That it is damaged costs
 * neither the application nor its history more than it must.
 */
class DamagedNewestFileTests {

	@TempDir
	Path folder;

	@Test
	void aNewHistoryBeginsAfterAFileWhosePagesAreDamaged() throws Exception {
		Machine machine = machine();
		// In the first page
		flip(newest(), 130);
		machine.open();
		machine.commit(2);
		machine.sync();
		assertThat(storage().list(LtxKey.SNAPSHOT_LEVEL)).hasSize(2);
		Path restored = this.folder.resolve("restored");
		new Restorer(storage()).restore(RestoreRequest.latest(restored));
		assertThat(Machine.entries(restored)).isEqualTo(machine.entries);
		machine.close();
	}

	@Test
	void aFileWhoseHeaderIsDamagedIsNamedAndStoredAgainWhereItIsTakenAway() throws Exception {
		Machine machine = machine();
		Path newest = newest();
		flip(newest, 1);
		assertThatExceptionOfType(CorruptDataException.class).isThrownBy(machine::open)
			.withMessageContaining(newest.getFileName().toString())
			.withMessageContaining("Move it out of the replica");
		Files.delete(newest);
		machine.open();
		machine.commit(1);
		machine.sync();
		assertThat(storage().list(LtxKey.SNAPSHOT_LEVEL)).hasSize(1);
		Path restored = this.folder.resolve("restored");
		new Restorer(storage()).restore(RestoreRequest.latest(restored));
		assertThat(Machine.entries(restored)).isEqualTo(machine.entries);
		machine.close();
	}

	private Machine machine() throws Exception {
		return new Machine(this.folder, this.folder.resolve("replica"), "machine").gone(3);
	}

	private Path newest() {
		List<StoredFile> files = storage().list(0);
		return this.folder.resolve("replica/ltx/0").resolve(files.get(files.size() - 1).key().name().toString());
	}

	private FileReplicaStorage storage() {
		return new FileReplicaStorage(this.folder.resolve("replica"));
	}

	private static void flip(Path file, long at) throws Exception {
		try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
			access.seek(at);
			int old = access.read();
			access.seek(at);
			access.write(old ^ 0x40);
		}
	}

}
