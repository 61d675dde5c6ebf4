package io.github.litestream4j.testsupport.trial;

import java.time.Duration;

import io.github.litestream4j.history.HistorySettings;

/**
 * How a trial goes.
 *
 * @param length how long is written
 * @param report how often what is stored is counted
 * @param history what is kept
 * @param syncInterval least time between two uploads
 * @param commits how many in a second
 * @param marks how often the writer pauses to note a state
 * @param readPause how much longer each read of a restore takes that runs meanwhile
 * @param sample how many states the real Litestream restores, by their TXIDs and as many
 * by their times
 */
public record TrialSettings(Duration length, Duration report, HistorySettings history, Duration syncInterval,
		int commits, Duration marks, Duration readPause, int sample) {

}
