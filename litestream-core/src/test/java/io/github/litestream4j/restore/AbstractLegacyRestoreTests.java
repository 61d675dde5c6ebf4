package io.github.litestream4j.restore;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import net.jpountz.lz4.LZ4FrameOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * A replica of Litestream 0.3, to be changed and restored.
 */
abstract class AbstractLegacyRestoreTests {

	static final LitestreamFixture FIXTURE = LitestreamFixture.legacy("basic");

	@TempDir
	Path folder;

	Path target;

	Path replica;

	ReplicaStorage storage;

	@BeforeEach
	void setUp() throws IOException {
		this.target = Files.createDirectory(this.folder.resolve("data")).resolve("app.db");
		this.replica = FIXTURE.copyTo(this.folder);
		this.storage = new FileReplicaStorage(this.replica);
	}

	void onlyTheFirstSnapshot() throws IOException {
		delete("00000003.snapshot.lz4", "00000006.snapshot.lz4");
		Files.deleteIfExists(this.target);
	}

	void delete(String... names) throws IOException {
		for (String name : names) {
			Files.delete(find(name));
		}
	}

	Path find(String name) throws IOException {
		return files(this.replica).stream()
			.filter((file) -> file.getFileName().toString().equals(name))
			.findFirst()
			.orElseThrow();
	}

	static List<Path> files(Path replica) throws IOException {
		try (Stream<Path> files = Files.walk(replica.resolve("generations"))) {
			return files.filter(Files::isRegularFile).sorted().toList();
		}
	}

	/**
	 * Restore, and look at what is there.
	 */
	String restore(ReplicaStorage storage, Instant time) throws IOException {
		Files.deleteIfExists(this.target);
		new Restorer(storage).restore(new RestoreRequest(this.target, null, time, IntegrityCheck.QUICK, 2))
			.orElseThrow(() -> new LitestreamException("there is nothing"));
		return LitestreamFixture.sha256(this.target);
	}

	static byte[] lz4(byte[] bytes) throws IOException {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		try (LZ4FrameOutputStream frame = new LZ4FrameOutputStream(out)) {
			frame.write(bytes);
		}
		return out.toByteArray();
	}

}
