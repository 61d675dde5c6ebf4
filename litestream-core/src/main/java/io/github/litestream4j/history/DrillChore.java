package io.github.litestream4j.history;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.ltx.Txid;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the restore drill now and then, and when somebody asks for it. While it runs, the
 * keeper does nothing else: so nothing that it reads is deleted meanwhile. May be asked
 * by any thread.
 */
public final class DrillChore implements Chore {

	/** What the chore is called. */
	public static final String NAME = "verification";

	private static final Logger logger = LoggerFactory.getLogger(DrillChore.class);

	/**
	 * How soon the first one is, so that restarts cannot put it off for ever, and one
	 * after a failure, so that it is known when all is well again.
	 */
	private static final Duration SOON = Duration.ofHours(1);

	/** After one that could not be run; twice as long each time, up to the above. */
	private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);

	private final RestoreDrill drill;

	private final LiveSource live;

	private final Duration interval;

	private final DrillNote note;

	private final Consumer<DrillResult> listener;

	private final Clock clock;

	private final Queue<CompletableFuture<DrillResult>> requests = new ConcurrentLinkedQueue<>();

	/** Those whose drill is being run. */
	private final Queue<CompletableFuture<DrillResult>> served = new ConcurrentLinkedQueue<>();

	private volatile @Nullable DrillResult last;

	/** When one that could not be run is tried again, or null. */
	private volatile @Nullable Instant owed;

	private Duration pause = FIRST_PAUSE;

	/** From when on the interval counts, which is that of a result, or the start. */
	private Instant from;

	/** How long after that one is due. */
	private Duration wait;

	private @Nullable DrillResult counted;

	/**
	 * Create the chore.
	 * @param drill what is run
	 * @param live what the restored database is compared with
	 * @param interval how often, 0 for never but on demand
	 * @param note the file that keeps the last result
	 * @param replica which replica it is a result of
	 * @param listener told of each result by the keeper's thread; returns at once
	 * @param clock says when the next one is due
	 */
	public DrillChore(RestoreDrill drill, LiveSource live, Duration interval, Path note, String replica,
			Consumer<DrillResult> listener, Clock clock) {
		this.drill = drill;
		this.live = live;
		this.interval = interval;
		this.note = new DrillNote(note, replica);
		this.listener = listener;
		this.clock = clock;
		this.from = clock.instant();
		this.wait = soon();
		this.last = this.note.read().orElse(null);
	}

	/**
	 * The last result, also one of an earlier process.
	 * @return empty when there was no drill yet
	 */
	public Optional<DrillResult> last() {
		return Optional.ofNullable(this.last);
	}

	/**
	 * Run a drill as soon as the keeper gets to it; whoever asks wakes the keeper.
	 * @return completes with the result; cancelled when nobody waits for it any more
	 */
	public CompletableFuture<DrillResult> request() {
		CompletableFuture<DrillResult> request = new CompletableFuture<>();
		this.requests.add(request);
		return request;
	}

	/**
	 * Tell whoever waits that there will be no result. A drill that is being run may hang
	 * in the storage.
	 */
	@Override
	public void refuse(LitestreamException reason) {
		LitestreamException refused = LitestreamException.ofKindOf(reason,
				"The restore drill was not run to its end: " + reason.getMessage());
		for (CompletableFuture<DrillResult> one = this.requests.poll(); one != null; one = this.requests.poll()) {
			one.completeExceptionally(refused);
		}
		this.served.forEach((request) -> request.completeExceptionally(refused));
	}

	@Override
	public String name() {
		return NAME;
	}

	@Override
	public Instant due() {
		this.requests.removeIf(CompletableFuture::isDone);
		if (!this.requests.isEmpty()) {
			return Instant.MIN;
		}
		// A clock that is put back must put nothing off
		Instant now = this.clock.instant();
		Instant owed = this.owed;
		if (owed != null) {
			owed = earlier(owed, now.plus(SOON));
			this.owed = owed;
			return owed;
		}
		if (this.interval.isZero()) {
			return Instant.MAX;
		}
		DrillResult last = this.last;
		if (last != this.counted) {
			this.counted = last;
			this.from = (last != null) ? last.at() : now;
			// What a clock that was ahead has noted no restart may believe
			boolean counts = last != null && last.passed() && !last.at().isAfter(now);
			this.wait = counts ? this.interval : soon();
		}
		this.from = earlier(this.from, now);
		return this.from.plus(this.wait);
	}

	private Duration soon() {
		return (this.interval.isZero() || this.interval.compareTo(SOON) > 0) ? SOON : this.interval;
	}

	private static Instant earlier(Instant one, Instant other) {
		return one.isBefore(other) ? one : other;
	}

	@Override
	public boolean isLong() {
		return true;
	}

	@Override
	public void run() throws IOException, InterruptedException {
		List<CompletableFuture<DrillResult>> taken = new ArrayList<>();
		for (CompletableFuture<DrillResult> one = this.requests.poll(); one != null; one = this.requests.poll()) {
			taken.add(one);
		}
		this.served.addAll(taken);
		try {
			DrillResult result = drill();
			this.last = result;
			this.owed = null;
			this.pause = FIRST_PAUSE;
			note(result);
			this.listener.accept(result);
			taken.forEach((request) -> request.complete(result));
		}
		catch (IOException | InterruptedException | RuntimeException | Error ex) {
			boolean stopped = Thread.currentThread().isInterrupted() || ex instanceof InterruptedException;
			this.owed = stopped ? null : owed();
			LitestreamException failure = LitestreamException.ofKindOf(ex, "The restore drill could not be run: "
					+ ex.getMessage() + ". That says nothing of the replica: run it again when that is well");
			taken.forEach((request) -> request.completeExceptionally(failure));
			throw ex;
		}
		finally {
			this.served.removeAll(taken);
		}
	}

	/** What cannot be run now may never be, and each try reads the whole database. */
	private Instant owed() {
		Instant again = this.clock.instant().plus(this.pause);
		Duration twice = this.pause.multipliedBy(2);
		this.pause = (twice.compareTo(soon()) < 0) ? twice : soon();
		return again;
	}

	private DrillResult drill() throws IOException, InterruptedException {
		DrillResult last = this.last;
		Txid doubted = (last != null) ? last.harmed() : null;
		LiveState live;
		try {
			live = this.live.get();
		}
		catch (CorruptDataException ex) {
			return this.drill.run(null, doubted).failedToo(String.valueOf(ex.getMessage()));
		}
		return this.drill.run(live, doubted);
	}

	private void note(DrillResult result) {
		try {
			this.note.write(result);
		}
		catch (IOException ex) {
			logger.warn("The result of the restore drill cannot be noted, and the next start does not know it", ex);
		}
	}

}
