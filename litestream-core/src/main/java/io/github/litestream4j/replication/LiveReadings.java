package io.github.litestream4j.replication;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;

import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.history.LiveState;

/**
 * Where those who want to know what the live database holds meet the threads that read
 * it. All who wait when a reading begins share it. Safe for use by any thread.
 */
final class LiveReadings {

	private final Queue<CompletableFuture<LiveState>> wanted = new ConcurrentLinkedQueue<>();

	/**
	 * Have all pages read once.
	 * @return completes with what they are; cancelled when nobody waits any more
	 */
	CompletableFuture<LiveState> request() {
		CompletableFuture<LiveState> request = new CompletableFuture<>();
		this.wanted.add(request);
		return request;
	}

	/**
	 * Whether anybody waits for a reading that is yet to begin.
	 */
	boolean isWanted() {
		this.wanted.removeIf(CompletableFuture::isDone);
		return !this.wanted.isEmpty();
	}

	/**
	 * A reading begins.
	 * @return those who wait for its result
	 */
	List<CompletableFuture<LiveState>> take() {
		List<CompletableFuture<LiveState>> taken = new ArrayList<>();
		for (CompletableFuture<LiveState> one = this.wanted.poll(); one != null; one = this.wanted.poll()) {
			taken.add(one);
		}
		return taken;
	}

	/**
	 * There is no reading at present.
	 * @param reason why
	 */
	void refuse(LitestreamException reason) {
		take().forEach((request) -> request.completeExceptionally(reason));
	}

}
