package io.github.litestream4j.replication;

import java.time.Instant;

/**
 * What has failed in one stage since the replicator was opened.
 *
 * @param stage the stage
 * @param count how often it failed, at least once
 * @param message what the last failure said
 * @param time when that was
 * @param overcome whether it has succeeded since
 */
public record StageErrors(ErrorStage stage, long count, String message, Instant time, boolean overcome) {

}
