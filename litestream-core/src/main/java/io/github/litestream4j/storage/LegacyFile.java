package io.github.litestream4j.storage;

import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file of a replica that Litestream 0.3 wrote: a snapshot of the database file, or a
 * part of a WAL, each compressed as an LZ4 frame.
 *
 * @param generation 16 hex digits
 * @param kind what it is
 * @param name its own name, without folders
 * @param index which WAL of the generation: a snapshot goes before the WAL of its index
 * @param offset where its bytes begin in that WAL; 0 for a snapshot
 * @param size its size in bytes, compressed as it is
 * @param lastModified when the storage says that it was written, which is its time
 */
public record LegacyFile(String generation, Kind kind, String name, long index, long offset, long size,
		Instant lastModified) {

	/** The folder of a replica that all its files of Litestream 0.3 are in. */
	public static final String FOLDER = "generations";

	private static final Pattern GENERATION = Pattern.compile("[0-9a-f]{16}");

	private static final Pattern SNAPSHOT = Pattern.compile("([0-9a-f]{8})\\.snapshot\\.lz4");

	// Offsets above 4 GiB have more digits than the eight that others are filled up to
	private static final Pattern SEGMENT = Pattern.compile("([0-9a-f]{8})_([0-9a-f]{8,15})\\.wal\\.lz4");

	/**
	 * Whether a folder within {@link #FOLDER} is that of a generation.
	 * @param name its name
	 * @return whether it is of that form
	 */
	public static boolean isGeneration(String name) {
		return GENERATION.matcher(name).matches();
	}

	/**
	 * Read a place in a replica.
	 * @param generation the name of the generation's folder
	 * @param folder the name of the folder in it
	 * @param name the file's name
	 * @param size its size in bytes
	 * @param lastModified its time
	 * @return empty when no file of Litestream 0.3 is called so
	 */
	public static Optional<LegacyFile> parse(String generation, String folder, String name, long size,
			Instant lastModified) {
		if (!isGeneration(generation)) {
			return Optional.empty();
		}
		if (folder.equals(Kind.SNAPSHOT.folder)) {
			Matcher matcher = SNAPSHOT.matcher(name);
			return matcher.matches() ? Optional
				.of(new LegacyFile(generation, Kind.SNAPSHOT, name, hex(matcher.group(1)), 0, size, lastModified))
					: Optional.empty();
		}
		Matcher matcher = SEGMENT.matcher(name);
		return (folder.equals(Kind.WAL.folder) && matcher.matches()) ? Optional.of(new LegacyFile(generation, Kind.WAL,
				name, hex(matcher.group(1)), hex(matcher.group(2)), size, lastModified)) : Optional.empty();
	}

	private static long hex(String digits) {
		return Long.parseLong(digits, 16);
	}

	/**
	 * Its place below the replica.
	 * @return folders and name, with {@code /} between them
	 */
	public String path() {
		return FOLDER + "/" + this.generation + "/" + this.kind.folder + "/" + this.name;
	}

	@Override
	public String toString() {
		return path();
	}

	/** What a file holds. */
	public enum Kind {

		/** The database file. */
		SNAPSHOT("snapshots"),

		/** Consecutive bytes of a WAL. */
		WAL("wal");

		private final String folder;

		Kind(String folder) {
			this.folder = folder;
		}

		/**
		 * The folder of the generation that such files are in.
		 * @return its name
		 */
		public String folder() {
			return this.folder;
		}

	}

}
