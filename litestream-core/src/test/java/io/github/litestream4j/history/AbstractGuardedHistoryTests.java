package io.github.litestream4j.history;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.litestream4j.storage.file.FileReplicaStorage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests of a replica of which every state is known, and of how often it is read.
 */
abstract class AbstractGuardedHistoryTests {

	@TempDir
	Path folder;

	final AtomicInteger reads = new AtomicInteger();

	GuardedStorage storage;

	StoredHistory history;

	@BeforeEach
	void begin() throws IOException {
		this.storage = new GuardedStorage(new FileReplicaStorage(this.folder.resolve("replica")));
		this.history = new StoredHistory(this.folder, this.storage);
		this.storage.beforeRead(this.reads::incrementAndGet);
	}

}
