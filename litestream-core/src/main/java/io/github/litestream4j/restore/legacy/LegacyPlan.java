package io.github.litestream4j.restore.legacy;

import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

import io.github.litestream4j.storage.LegacyFile;

/**
 * The files of Litestream 0.3 that make one state of a database.
 *
 * @param snapshot the database file to begin with
 * @param segments the parts of the WALs that apply to it, in order, without a missing WAL
 */
public record LegacyPlan(LegacyFile snapshot, List<LegacyFile> segments) {

	public LegacyPlan {
		segments = List.copyOf(segments);
	}

	/**
	 * How much the files hold.
	 * @return the sum of their sizes in bytes, compressed as they are
	 */
	public long bytes() {
		return files().mapToLong(LegacyFile::size).sum();
	}

	Stream<LegacyFile> files() {
		return Stream.concat(Stream.of(this.snapshot), this.segments.stream());
	}

	/**
	 * The time of the state: that of its last file.
	 * @return the time
	 */
	public Instant time() {
		return this.segments.isEmpty() ? this.snapshot.lastModified()
				: this.segments.get(this.segments.size() - 1).lastModified();
	}

	@Override
	public String toString() {
		return this.snapshot + (this.segments.isEmpty() ? "" : " to " + this.segments.get(this.segments.size() - 1));
	}

}
