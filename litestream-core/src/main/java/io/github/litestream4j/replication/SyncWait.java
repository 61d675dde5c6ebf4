package io.github.litestream4j.replication;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import io.github.litestream4j.ConflictException;
import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.ReplicationStoppedException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.ltx.Txid;

import org.jspecify.annotations.Nullable;

/**
 * Waits until what was committed is stored.
 *
 * @param database what messages call the database
 * @param replica the replica's URL
 * @param progress what is stored
 * @param uploader what is not
 */
record SyncWait(String database, String replica, Progress progress, Uploader uploader) {

	/**
	 * Wait for it.
	 * @param request completes with the last transaction captured; nobody waits for it
	 * afterwards
	 * @param timeout how long to wait
	 * @return the last transaction stored
	 * @throws StorageUnavailableException when that took longer
	 * @throws ConflictException when another writer has taken the replica over
	 * @throws ReplicationStoppedException when it was stopped meanwhile
	 */
	Txid await(CompletableFuture<Txid> request, Duration timeout) {
		long deadline = System.nanoTime() + timeout.toNanos();
		try {
			Txid txid = request.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
			if (this.progress.awaitReplicated(txid, deadline)) {
				return txid;
			}
			throw notStored(timeout, null);
		}
		catch (TimeoutException ex) {
			throw notStored(timeout, ex);
		}
		catch (ExecutionException ex) {
			throw notStored(timeout, ex.getCause());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw notStored(timeout, ex);
		}
		finally {
			request.cancel(false);
		}
	}

	/**
	 * Wait for it in vain, if need be.
	 * @param request completes with the last transaction captured
	 * @param deadline until when, as {@link System#nanoTime}
	 * @see #isStored
	 */
	void awaitUntil(CompletableFuture<Txid> request, long deadline) {
		try {
			this.progress.awaitReplicated(request.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS), deadline);
		}
		catch (TimeoutException | ExecutionException ex) {
			// Who waited asks what is stored
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * Whether what a request had captured is stored. Waits for nothing.
	 */
	boolean isStored(CompletableFuture<Txid> request) {
		return request.isDone() && !request.isCompletedExceptionally()
				&& !this.progress.replicated().isBefore(request.join());
	}

	private LitestreamException notStored(Duration timeout, @Nullable Throwable cause) {
		String fenced = this.progress.fence();
		if (fenced != null) {
			return new ConflictException("%s: nothing is stored any more: %s".formatted(this.database, fenced), cause);
		}
		if (this.progress.isStopped()) {
			return new ReplicationStoppedException(
					"%s: replication was stopped before everything was stored in %s: stored up to %s, captured up to %s"
						.formatted(this.database, this.replica, this.progress.replicated(), this.progress.captured()),
					cause);
		}
		return new StorageUnavailableException(lacking(timeout), cause);
	}

	/**
	 * What is not stored, and why.
	 * @param timeout how long it was waited for
	 */
	String lacking(Duration timeout) {
		String error = this.progress.failure();
		return "%s: not everything was stored in %s within %s: stored up to %s, captured up to %s, %d bytes are staged%s"
			.formatted(this.database, this.replica, timeout, this.progress.replicated(), this.progress.captured(),
					this.uploader.bytes(), (error != null) ? "; " + error : "");
	}

}
