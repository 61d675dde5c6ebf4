package io.github.litestream4j.replication;

import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.StoredFile;

import org.jspecify.annotations.Nullable;

/**
 * A snapshot that somebody waits for, alone or with others. Safe for use by any thread.
 */
final class SnapshotOrder {

	private final CompletableFuture<Taken> taken = new CompletableFuture<>();

	/** How many wait for it. */
	private int waiting;

	/** What must be in it. */
	private Txid least;

	/** Whether one that is there already does not do. */
	private boolean anew;

	/** The last transaction in it, null as long as the guard is not pinned for it. */
	private @Nullable Txid txid;

	SnapshotOrder(Txid least) {
		this.least = least;
	}

	/**
	 * Wait for it, too.
	 * @param least what must be in it
	 * @param anew whether one that is there already does not do, since it is damaged
	 */
	synchronized void join(Txid least, boolean anew) {
		this.waiting++;
		this.anew |= anew;
		this.least = least.isAfter(this.least) ? least : this.least;
	}

	/**
	 * Wait no more.
	 * @return whether nobody does
	 */
	synchronized boolean leave() {
		this.waiting--;
		return this.waiting == 0;
	}

	synchronized Txid least() {
		return this.least;
	}

	/** Whether it is to be stored in any case. */
	synchronized boolean isAnew() {
		return this.anew;
	}

	synchronized boolean isPinned() {
		return this.txid != null;
	}

	/** Whether it will hold a transaction, though it is pinned already. */
	synchronized boolean holds(Txid txid) {
		return this.txid != null && !this.txid.isBefore(txid);
	}

	/**
	 * The guard is pinned for it, or is not any more.
	 * @param txid the last transaction in it, or {@code null}
	 */
	synchronized void pinned(@Nullable Txid txid) {
		this.txid = txid;
	}

	boolean isDone() {
		return this.taken.isDone();
	}

	/**
	 * It is stored.
	 * @param file the file
	 * @param time its time
	 */
	void stored(StoredFile file, Instant time) {
		this.taken.complete(new Taken(file, time));
	}

	/**
	 * There is one already, and nothing is stored.
	 * @param file the file
	 */
	void exists(StoredFile file) {
		this.taken.complete(new Taken(file, null));
	}

	void failed(LitestreamException failure) {
		this.taken.completeExceptionally(failure);
	}

	/** End as another one does. */
	void follow(SnapshotOrder other) {
		other.taken.whenComplete((taken, failure) -> {
			if (failure != null) {
				this.taken.completeExceptionally(failure);
			}
			else {
				this.taken.complete(taken);
			}
		});
	}

	/**
	 * Wait for its end.
	 * @param begun when the guard must be pinned for it, as {@link System#nanoTime}
	 * @param deadline when it must have ended
	 */
	Taken await(long begun, long deadline) throws InterruptedException, TimeoutException, ExecutionException {
		try {
			return this.taken.get(begun - System.nanoTime(), TimeUnit.NANOSECONDS);
		}
		catch (TimeoutException ex) {
			if (!isPinned()) {
				throw ex;
			}
			return this.taken.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
		}
	}

	/**
	 * A snapshot that is in the replica.
	 *
	 * @param file the file
	 * @param time its time, {@code null} when it was there before
	 */
	record Taken(StoredFile file, @Nullable Instant time) {

	}

}
