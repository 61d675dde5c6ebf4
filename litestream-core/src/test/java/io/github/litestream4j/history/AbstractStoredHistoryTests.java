package io.github.litestream4j.history;

import java.io.IOException;
import java.nio.file.Path;

import io.github.litestream4j.storage.file.FileReplicaStorage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests of a replica in a folder, of which every state is known.
 */
abstract class AbstractStoredHistoryTests {

	@TempDir
	Path folder;

	FileReplicaStorage storage;

	StoredHistory history;

	@BeforeEach
	void begin() throws IOException {
		this.storage = new FileReplicaStorage(this.folder.resolve("replica"));
		this.history = new StoredHistory(this.folder, this.storage);
	}

}
