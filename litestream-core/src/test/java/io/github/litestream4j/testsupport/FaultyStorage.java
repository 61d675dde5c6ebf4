package io.github.litestream4j.testsupport;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;

import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.storage.BodyWriter;
import io.github.litestream4j.storage.Content;
import io.github.litestream4j.storage.FileAttributes;
import io.github.litestream4j.storage.LegacyFile;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;

/**
 * A storage that fails on demand: the next calls of an operation, all of them, a share of
 * them by a seed, or by hanging until it is released. Counts every call that reaches it.
 */
public final class FaultyStorage implements ReplicaStorage {

	private final ReplicaStorage storage;

	private final Map<Operation, Integer> failing = new EnumMap<>(Operation.class);

	private final Map<Operation, Integer> losingAnswers = new EnumMap<>(Operation.class);

	private final Map<Operation, Integer> calls = new EnumMap<>(Operation.class);

	private final Map<Operation, CountDownLatch> hanging = new EnumMap<>(Operation.class);

	private Random random = new Random(0);

	private double probability;

	private int cutReads;

	private long cutAfter;

	private Duration chunkPause = Duration.ZERO;

	public FaultyStorage(ReplicaStorage storage) {
		this.storage = storage;
	}

	/**
	 * Let the next calls fail before they do anything.
	 */
	public synchronized void failNext(Operation operation, int count) {
		this.failing.put(operation, count);
	}

	/**
	 * Let every call of an operation fail until {@link #heal}.
	 */
	public void failAlways(Operation operation) {
		failNext(operation, Integer.MAX_VALUE);
	}

	/**
	 * Let every call of every operation fail until {@link #heal}: the store is gone.
	 */
	public void failEverything() {
		for (Operation operation : Operation.values()) {
			failAlways(operation);
		}
	}

	/**
	 * Let the next calls do their work and fail afterwards, as when an answer is lost.
	 */
	public synchronized void loseAnswers(Operation operation, int count) {
		this.losingAnswers.put(operation, count);
	}

	/**
	 * Let calls of any operation fail with a probability, half of them after their work.
	 */
	public synchronized void failRandomly(double probability, long seed) {
		this.probability = probability;
		this.random = new Random(seed);
	}

	/**
	 * Let the next streams break after some bytes.
	 */
	public synchronized void cutReads(int count, long afterBytes) {
		this.cutReads = count;
		this.cutAfter = afterBytes;
	}

	/**
	 * Let each {@link ReplicaStorage#put} take its bytes slowly.
	 * @param chunkPause how long it takes for each 64 KiB
	 */
	public synchronized void slowPuts(Duration chunkPause) {
		this.chunkPause = chunkPause;
	}

	/**
	 * Let calls of an operation wait until {@link #release} or {@link #heal}; an
	 * interrupt makes them fail.
	 */
	public synchronized void hang(Operation operation) {
		this.hanging.putIfAbsent(operation, new CountDownLatch(1));
	}

	public synchronized void release(Operation operation) {
		CountDownLatch latch = this.hanging.remove(operation);
		if (latch != null) {
			latch.countDown();
		}
	}

	/**
	 * Work as the storage behind does again.
	 */
	public synchronized void heal() {
		this.failing.clear();
		this.losingAnswers.clear();
		this.probability = 0;
		this.cutReads = 0;
		this.chunkPause = Duration.ZERO;
		List.copyOf(this.hanging.keySet()).forEach(this::release);
	}

	/**
	 * How often an operation was called, with those that failed.
	 */
	public synchronized int calls(Operation operation) {
		return this.calls.getOrDefault(operation, 0);
	}

	/**
	 * How often any operation was called, with those that failed.
	 */
	public synchronized int calls() {
		return this.calls.values().stream().mapToInt(Integer::intValue).sum();
	}

	@Override
	public List<StoredFile> list(int level) {
		return call(Operation.LIST, () -> this.storage.list(level));
	}

	@Override
	public OptionalLong databaseChecksum(StoredFile file) {
		return call(Operation.TIMESTAMP, () -> this.storage.databaseChecksum(file));
	}

	@Override
	public Instant timestamp(StoredFile file) {
		return call(Operation.TIMESTAMP, () -> this.storage.timestamp(file));
	}

	@Override
	public InputStream read(LtxKey key, long offset, long length) {
		return cut(call(Operation.READ, () -> this.storage.read(key, offset, length)));
	}

	private synchronized InputStream cut(InputStream in) {
		if (this.cutReads == 0) {
			return in;
		}
		this.cutReads--;
		return new CutStream(in, this.cutAfter);
	}

	@Override
	public List<LegacyFile> listLegacy() {
		return call(Operation.LIST, this.storage::listLegacy);
	}

	@Override
	public InputStream readLegacy(LegacyFile file, long offset) {
		return cut(call(Operation.READ, () -> this.storage.readLegacy(file, offset)));
	}

	@Override
	public boolean putIfAbsent(LtxKey key, Content content, FileAttributes attributes) {
		return call(Operation.PUT_IF_ABSENT, () -> this.storage.putIfAbsent(key, content, attributes));
	}

	@Override
	public long put(LtxKey key, Instant timestamp, BodyWriter body) {
		Duration pause;
		synchronized (this) {
			pause = this.chunkPause;
		}
		BodyWriter taken = pause.isZero() ? body : (out) -> body.writeTo(new SlowStream(out, pause));
		return call(Operation.PUT, () -> this.storage.put(key, timestamp, taken));
	}

	@Override
	public void delete(Collection<LtxKey> keys) {
		call(Operation.DELETE, () -> {
			this.storage.delete(keys);
			return keys;
		});
	}

	@Override
	public Optional<byte[]> readMeta(String name) {
		return call(Operation.READ_META, () -> this.storage.readMeta(name));
	}

	@Override
	public boolean putMetaIfAbsent(String name, byte[] content) {
		return call(Operation.PUT_META, () -> this.storage.putMetaIfAbsent(name, content));
	}

	@Override
	public void putDatabaseChecksum(LtxKey key, long checksum) {
		call(Operation.PUT_META, () -> {
			this.storage.putDatabaseChecksum(key, checksum);
			return true;
		});
	}

	@Override
	public List<String> listMeta(String folder) {
		return call(Operation.LIST_META, () -> this.storage.listMeta(folder));
	}

	@Override
	public String url() {
		return this.storage.url();
	}

	private <T> T call(Operation operation, Supplier<T> work) {
		CountDownLatch latch;
		synchronized (this) {
			this.calls.merge(operation, 1, Integer::sum);
			latch = this.hanging.get(operation);
		}
		if (latch != null) {
			await(operation, latch);
		}
		boolean before;
		boolean after;
		synchronized (this) {
			boolean chance = this.probability > 0 && this.random.nextDouble() < this.probability;
			boolean late = chance && this.random.nextBoolean();
			before = spend(this.failing, operation) || (chance && !late);
			after = !before && (spend(this.losingAnswers, operation) || late);
		}
		if (before) {
			throw new StorageUnavailableException(operation + " fails on demand in " + url());
		}
		T result = work.get();
		if (after) {
			close(result);
			throw new StorageUnavailableException("the answer of " + operation + " is lost on demand in " + url());
		}
		return result;
	}

	private static void close(Object result) {
		if (result instanceof InputStream in) {
			try {
				in.close();
			}
			catch (IOException ex) {
				throw new StorageUnavailableException("could not close what was read", ex);
			}
		}
	}

	private static void await(Operation operation, CountDownLatch latch) {
		try {
			latch.await();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new StorageUnavailableException(operation + " was interrupted while it hung", ex);
		}
	}

	private static boolean spend(Map<Operation, Integer> left, Operation operation) {
		int count = left.getOrDefault(operation, 0);
		if (count > 0 && count < Integer.MAX_VALUE) {
			left.put(operation, count - 1);
		}
		return count > 0;
	}

	/**
	 * What a storage does.
	 */
	public enum Operation {

		/** {@link ReplicaStorage#list}. */
		LIST,

		/** {@link ReplicaStorage#timestamp}. */
		TIMESTAMP,

		/** {@link ReplicaStorage#read}. */
		READ,

		/** {@link ReplicaStorage#putIfAbsent}. */
		PUT_IF_ABSENT,

		/** {@link ReplicaStorage#put}. */
		PUT,

		/** {@link ReplicaStorage#delete}. */
		DELETE,

		/** {@link ReplicaStorage#readMeta}. */
		READ_META,

		/**
		 * {@link ReplicaStorage#putMetaIfAbsent} and
		 * {@link ReplicaStorage#putDatabaseChecksum}.
		 */
		PUT_META,

		/** {@link ReplicaStorage#listMeta}. */
		LIST_META

	}

}
