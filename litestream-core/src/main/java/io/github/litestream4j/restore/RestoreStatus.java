package io.github.litestream4j.restore;

import java.time.Duration;
import java.util.Optional;

/**
 * How far a restore has come.
 *
 * @param bytesRead how many bytes the storage has delivered
 * @param bytesTotal how many it is going to deliver, as far as that is known now: it can
 * become fewer when it is known which pages are needed, and more when a request has to be
 * made again
 * @param pages how many pages of the database are written
 * @param pagesTotal how many it has, 0 while that is not known
 * @param elapsed since the restore began
 * @param left how long it is going to take; empty while that cannot be told
 */
public record RestoreStatus(long bytesRead, long bytesTotal, long pages, long pagesTotal, Duration elapsed,
		Optional<Duration> left) {

}
