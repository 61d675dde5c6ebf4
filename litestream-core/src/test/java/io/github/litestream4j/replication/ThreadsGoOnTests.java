package io.github.litestream4j.replication;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What happens to a thread of ours from outside delays what it stores, and does not end
 * it.
 */
class ThreadsGoOnTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(20);

	@TempDir
	Path folder;

	private final AtomicInteger outOfMemory = new AtomicInteger();

	private final AtomicInteger broken = new AtomicInteger();

	private final Progress progress = new Progress(Txid.ZERO);

	private Staging staging;

	private Uploader uploader;

	private Thread thread;

	@BeforeEach
	void start() throws Exception {
		this.staging = new Staging(this.folder.resolve("staging"));
		this.uploader = TestUploaders.of(storage(), this.staging, this.progress,
				new GenerationLog(storage(), this.folder));
		this.thread = new Thread(this.uploader);
		this.thread.start();
	}

	@AfterEach
	void stop() throws Exception {
		this.uploader.stop();
		this.thread.join(TIMEOUT.toMillis());
		assertThat(this.thread.isAlive()).isFalse();
	}

	@Test
	void theStoringThreadWhenItIsInterrupted() throws Exception {
		Awaitility.await().atMost(TIMEOUT).until(() -> this.thread.getState() == Thread.State.WAITING);
		this.thread.interrupt();
		Awaitility.await().atMost(TIMEOUT).until(() -> !this.thread.isInterrupted());
		store(1);
		this.thread.interrupt();
		store(2);
	}

	@Test
	void theStoringThreadWhenMemoryRunsOut() throws Exception {
		this.outOfMemory.set(2);
		store(1);
		assertThat(this.outOfMemory).hasValue(0);
	}

	@Test
	void theStoringThreadWhenTheStoragesClientBreaks() throws Exception {
		this.broken.set(2);
		store(1);
		assertThat(this.broken).hasValue(0);
		assertThat(this.progress.isFenced()).isFalse();
	}

	private void store(long txid) throws Exception {
		this.uploader.add(this.staging.write(new Txid(txid), Instant.EPOCH, new byte[100], OptionalLong.empty(),
				System.nanoTime()));
		assertThat(this.progress.awaitReplicated(new Txid(txid), System.nanoTime() + TIMEOUT.toNanos())).isTrue();
	}

	private ReplicaStorage storage() {
		ReplicaStorage stored = new FileReplicaStorage(this.folder.resolve("replica"));
		return (ReplicaStorage) Proxy.newProxyInstance(getClass().getClassLoader(),
				new Class<?>[] { ReplicaStorage.class }, (proxy, method, arguments) -> {
					if (method.getName().equals("putIfAbsent")
							&& this.outOfMemory.getAndUpdate((left) -> Math.max(left - 1, 0)) > 0) {
						throw new OutOfMemoryError("on demand");
					}
					if (method.getName().equals("putIfAbsent")
							&& this.broken.getAndUpdate((left) -> Math.max(left - 1, 0)) > 0) {
						throw new NoClassDefFoundError("on demand");
					}
					try {
						return method.invoke(stored, arguments);
					}
					catch (InvocationTargetException ex) {
						throw ex.getCause();
					}
				});
	}

}
