package io.github.litestream4j.replication;

import java.io.ByteArrayOutputStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;

import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.LtxHeader;
import io.github.litestream4j.ltx.LtxWriter;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.Content;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.testsupport.FaultyStorage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * A replica where another writer takes over, and deletes what it has stored.
 */
abstract class AbstractLogEndTests {

	@TempDir
	Path folder;

	final SetClock clock = new SetClock();

	volatile long nanos = 1000;

	FileReplicaStorage stored;

	FaultyStorage storage;

	Progress progress;

	Uploader uploader;

	Staging staging;

	@BeforeEach
	void prepare() throws Exception {
		this.stored = new FileReplicaStorage(this.folder.resolve("replica"));
		this.storage = new FaultyStorage(this.stored);
		this.staging = new Staging(this.folder.resolve("staging"));
		this.progress = new Progress(Txid.ZERO);
		this.uploader = uploader(this.storage);
	}

	static void loseOnce(AtomicBoolean lost) {
		if (!lost.getAndSet(true)) {
			throw new StorageUnavailableException("the answer is lost on demand");
		}
	}

	/** Another writer stores 6 to 20, and its retention deletes all but the newest. */
	void takeOver() {
		for (long txid = 6; txid <= 20; txid++) {
			other(0, txid, txid);
		}
		this.stored.delete(LongStream.rangeClosed(6, 19).mapToObj(AbstractLogEndTests::key).toList());
	}

	void other(int level, long min, long max) {
		LtxKey key = new LtxKey(level, new LtxFileName(new Txid(min), new Txid(max)));
		this.stored.putIfAbsent(key, Content.of(("another's " + key).repeat(5).getBytes(StandardCharsets.US_ASCII)),
				this.clock.instant());
	}

	/** The storage, where something happens before and after each put is looked at. */
	ReplicaStorage during(Runnable before, Runnable after) {
		return (ReplicaStorage) Proxy.newProxyInstance(getClass().getClassLoader(),
				new Class<?>[] { ReplicaStorage.class }, (proxy, method, arguments) -> {
					boolean put = method.getName().equals("putIfAbsent");
					if (put) {
						before.run();
					}
					Object result = method.invoke(this.stored, arguments);
					if (put) {
						after.run();
					}
					return result;
				});
	}

	Uploader uploader(ReplicaStorage storage) {
		LogEnd.Time time = new LogEnd.Time(() -> this.nanos, this.clock);
		LogEnd end = new LogEnd(storage, this.progress.index(), time, time.now());
		return new Uploader("app", storage, this.staging, this.progress, new GenerationLog(storage, this.folder), end,
				() -> {
				}, new Backoff());
	}

	static byte[] ltx(long txid) throws Exception {
		return ltx(txid, new byte[512]);
	}

	static byte[] ltx(long txid, byte[] page) throws Exception {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		try (LtxWriter writer = new LtxWriter(out,
				LtxHeader.of(page.length, 1, new Txid(txid), new Txid(txid), Instant.EPOCH))) {
			writer.writePage(1, page, 0);
			writer.finish(0);
		}
		return out.toByteArray();
	}

	static LtxKey key(long txid) {
		return new LtxKey(0, LtxFileName.of(new Txid(txid)));
	}

	static LtxKey snapshot(long txid) {
		return new LtxKey(LtxKey.SNAPSHOT_LEVEL, new LtxFileName(Txid.FIRST, new Txid(txid)));
	}

	List<Long> level0() {
		return this.stored.list(0).stream().map((file) -> file.key().name().min().value()).toList();
	}

}
