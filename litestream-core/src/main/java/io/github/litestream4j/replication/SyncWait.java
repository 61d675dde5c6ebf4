package io.github.litestream4j.replication;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

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

	private StorageUnavailableException notStored(Duration timeout, @Nullable Throwable cause) {
		String error = this.progress.failure();
		return new StorageUnavailableException(
				"%s: not everything was stored in %s within %s: stored up to %s, captured up to %s, %d bytes are staged%s"
					.formatted(this.database, this.replica, timeout, this.progress.replicated(),
							this.progress.captured(), this.uploader.bytes(), (error != null) ? "; " + error : ""),
				cause);
	}

}
