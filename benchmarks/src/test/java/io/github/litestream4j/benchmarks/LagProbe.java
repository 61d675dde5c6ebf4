package io.github.litestream4j.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.Txid;
import org.jspecify.annotations.Nullable;

/**
 * Watches the folder in which a store keeps a replica's files of level 0, and notes when
 * each comes to be there: neither side's own word counts. Which commits a file holds is
 * read from its content, by the caller's thread, after the commits were made.
 * <p>
 * Both sides number these files without a gap, so the thread only asks for the next name.
 */
final class LagProbe implements AutoCloseable {

	/** Which of so many looks goes by the folder's list, should a number be left out. */
	private static final int LIST_EVERY = 2_000;

	private final Path folder;

	private final long pauseNanos;

	private final List<Sighting> sightings = new CopyOnWriteArrayList<>();

	private final Thread thread;

	private volatile @Nullable IOException failure;

	private volatile boolean closed;

	private int read;

	private long newest;

	/** When each transaction was stored, by its number. */
	private final Times storedAt = new Times();

	private LagProbe(Path folder, Duration pause) {
		this.folder = folder;
		this.pauseNanos = pause.toNanos();
		this.thread = new Thread(this::watch, "lag-probe");
		this.thread.setDaemon(true);
	}

	/**
	 * Begin to watch.
	 * @param folder the folder, which need not be there yet
	 * @param pause the time between two looks: lag is known that exactly
	 * @return the probe
	 */
	static LagProbe of(Path folder, Duration pause) {
		LagProbe probe = new LagProbe(folder, pause);
		probe.thread.start();
		return probe;
	}

	private void watch() {
		try {
			Txid next = Txid.FIRST;
			Path path = path(next);
			for (long look = 0; !this.closed; look++) {
				if (!Files.exists(path) && look % LIST_EVERY == 0) {
					next = firstListed(next);
					path = path(next);
				}
				if (Files.exists(path)) {
					this.sightings.add(new Sighting(path, System.nanoTime()));
					next = next.next();
					path = path(next);
				}
				else {
					LockSupport.parkNanos(this.pauseNanos);
				}
			}
		}
		catch (IOException ex) {
			this.failure = ex;
		}
	}

	private Path path(Txid txid) {
		return this.folder.resolve(LtxFileName.of(txid).toString());
	}

	private Txid firstListed(Txid from) throws IOException {
		if (!Files.isDirectory(this.folder)) {
			return from;
		}
		try (Stream<Path> files = Files.list(this.folder)) {
			return files.flatMap((file) -> LtxFileName.parse(file.getFileName().toString()).stream())
				.map(LtxFileName::min)
				.filter((txid) -> !txid.isBefore(from))
				.min(Txid::compareTo)
				.orElse(from);
		}
	}

	/**
	 * Wait until a transaction is stored, and find out when each up to it was. Must be
	 * called by one thread only.
	 * @param number the transaction
	 * @param timeout how long to wait
	 * @return the times, as {@link System#nanoTime}
	 * @throws TimeoutException when it is not stored by then
	 */
	Times awaitStored(long number, Duration timeout) throws IOException, TimeoutException {
		long deadline = System.nanoTime() + timeout.toNanos();
		while (this.newest < number) {
			IOException failure = this.failure;
			if (failure != null) {
				throw failure;
			}
			if (this.read < this.sightings.size()) {
				read(this.sightings.get(this.read++));
			}
			else if (System.nanoTime() > deadline) {
				throw new TimeoutException("Transaction %d is not in %s after %s, %d is the last one".formatted(number,
						this.folder, timeout, this.newest));
			}
			else {
				LockSupport.parkNanos(5_000_000);
			}
		}
		return this.storedAt;
	}

	private void read(Sighting sighting) throws IOException {
		long newest = Ticks.newest(sighting.path());
		for (long number = this.newest + 1; number <= newest; number++) {
			this.storedAt.set(number, sighting.nanos());
		}
		this.newest = Math.max(this.newest, newest);
	}

	@Override
	public void close() {
		this.closed = true;
		LockSupport.unpark(this.thread);
	}

	/**
	 * A file that has come to be there.
	 *
	 * @param path the file
	 * @param nanos when, as {@link System#nanoTime}
	 */
	private record Sighting(Path path, long nanos) {

	}

}
