package io.github.litestream4j.replication;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

import io.github.litestream4j.history.Chore;
import io.github.litestream4j.history.Compaction;
import io.github.litestream4j.history.DrillChore;
import io.github.litestream4j.history.DrillResult;
import io.github.litestream4j.history.HistoryKeeper;
import io.github.litestream4j.history.KeeperObserver;
import io.github.litestream4j.history.LocalFiles;
import io.github.litestream4j.history.Retention;
import io.github.litestream4j.replication.ReplicationObserver.Activity;
import io.github.litestream4j.storage.ReplicaStorage;

/**
 * What a replicator has done for its history, and how its progress is told how that goes.
 */
final class KeptHistory implements KeeperObserver {

	/** Those of its chores that the world is told of. */
	private static final Map<String, Activity> ACTIVITIES = Map.of(Compaction.NAME, Activity.COMPACTION,
			DrillChore.NAME, Activity.VERIFICATION);

	private final Progress progress;

	KeptHistory(Progress progress) {
		this.progress = progress;
	}

	/**
	 * The keeper of a replica's history, with all that it has to do.
	 * @param drill the last result of the restore drill, on which retention waits
	 * @param others what is made elsewhere, what matters most first
	 */
	static HistoryKeeper keeper(ReplicatorSettings settings, ReplicaStorage storage, Staging staging, Progress progress,
			Supplier<Optional<DrillResult>> drill, Chore... others) {
		Clock clock = Clock.systemUTC();
		List<Chore> chores = new ArrayList<>();
		chores.add(new Compaction(storage, progress.index(), copies(staging), staging.scratch(),
				settings.history().levels(), clock));
		ForeignWriter foreign = new ForeignWriter(settings.name(), storage.url(), progress);
		chores.add(new Retention(settings.name(), storage, progress.index(), settings.history(), drill,
				foreign::requireNone, clock));
		chores.addAll(List.of(others));
		HistoryKeeper keeper = new HistoryKeeper(settings.name(), chores, new KeptHistory(progress), clock);
		progress.index().whenChanged(keeper::wake);
		return keeper;
	}

	/** Each staged file is of one TXID. */
	private static LocalFiles copies(Staging staging) {
		return (name) -> name.min().equals(name.max()) ? staging.content(name.max()) : Optional.empty();
	}

	@Override
	public void failed(String chore, String message) {
		this.progress.failed(stage(chore), message);
	}

	@Override
	public void done(String chore, long nanos) {
		Activity activity = ACTIVITIES.get(chore);
		if (activity != null) {
			this.progress.observer().done(activity, Duration.ofNanos(nanos));
		}
		// Of a drill that could be run its result tells
		if (!chore.equals(DrillChore.NAME)) {
			this.progress.overcome(stage(chore));
		}
	}

	@Override
	public boolean mayWork() {
		return !this.progress.isFenced();
	}

	private static ErrorStage stage(String chore) {
		return ErrorStage.valueOf(chore.toUpperCase(Locale.ROOT));
	}

}
