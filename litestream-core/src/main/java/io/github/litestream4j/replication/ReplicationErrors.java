package io.github.litestream4j.replication;

import java.time.Instant;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * Every failure that a replicator has met and gone on from, counted by its stage. The
 * last one of each stage is kept, also when it was overcome long ago. Immutable.
 *
 * @param stages by stage, without those that never failed
 */
public record ReplicationErrors(Map<ErrorStage, StageErrors> stages) {

	/** Nothing has failed yet. */
	public static final ReplicationErrors NONE = new ReplicationErrors(Map.of());

	public ReplicationErrors {
		EnumMap<ErrorStage, StageErrors> copy = new EnumMap<>(ErrorStage.class);
		copy.putAll(stages);
		stages = Collections.unmodifiableMap(copy);
	}

	/**
	 * How often a stage has failed.
	 * @param stage the stage
	 * @return 0 when it never has
	 */
	public long count(ErrorStage stage) {
		StageErrors errors = this.stages.get(stage);
		return (errors != null) ? errors.count() : 0;
	}

	/**
	 * How often anything has failed.
	 * @return 0 when nothing ever did
	 */
	public long count() {
		return this.stages.values().stream().mapToLong(StageErrors::count).sum();
	}

	/**
	 * The failure that came last, overcome or not.
	 * @return empty when nothing ever failed
	 */
	public Optional<StageErrors> last() {
		return this.stages.values().stream().max(Comparator.comparing(StageErrors::time));
	}

	/**
	 * The failure that is to be overcome first.
	 * @return empty when everything works now
	 */
	public Optional<StageErrors> present() {
		return this.stages.values().stream().filter((errors) -> !errors.overcome()).findFirst();
	}

	ReplicationErrors failed(ErrorStage stage, String message, Instant time, boolean overcome) {
		EnumMap<ErrorStage, StageErrors> changed = new EnumMap<>(ErrorStage.class);
		changed.putAll(this.stages);
		changed.put(stage, new StageErrors(stage, count(stage) + 1, message, time, overcome));
		return new ReplicationErrors(changed);
	}

	ReplicationErrors overcome(ErrorStage stage) {
		StageErrors errors = this.stages.get(stage);
		if (errors == null || errors.overcome()) {
			return this;
		}
		EnumMap<ErrorStage, StageErrors> changed = new EnumMap<>(ErrorStage.class);
		changed.putAll(this.stages);
		changed.put(stage, new StageErrors(stage, errors.count(), errors.message(), errors.time(), true));
		return new ReplicationErrors(changed);
	}

}
