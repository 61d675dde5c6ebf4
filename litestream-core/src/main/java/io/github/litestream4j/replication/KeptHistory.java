package io.github.litestream4j.replication;

import java.util.Locale;

import io.github.litestream4j.history.DrillChore;
import io.github.litestream4j.history.KeeperObserver;

/**
 * Tells a replicator's progress how the chores of its history go.
 */
final class KeptHistory implements KeeperObserver {

	private final Progress progress;

	KeptHistory(Progress progress) {
		this.progress = progress;
	}

	@Override
	public void failed(String chore, String message) {
		this.progress.failed(stage(chore), message);
	}

	@Override
	public void done(String chore, long nanos) {
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
