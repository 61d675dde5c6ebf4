package io.github.litestream4j.replication;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

import io.github.litestream4j.ltx.LtxFileName;

/**
 * The newest of the staged files that are stored: a replica that has lost one of them is
 * given it again, and the newest tells whether a replica is still ours. None of them was
 * synced, so that each has to be checked before it is used. Safe for use by several
 * threads.
 */
final class KeptFiles {

	/** What the application's disk can spare, in bytes. */
	private static final long BYTES = 32L << 20;

	private static final int FILES = 1000;

	private final Path folder;

	private final long maxBytes;

	private final int maxFiles;

	/** What is kept, and the length of each in bytes. */
	private final TreeMap<LtxFileName, Long> lengths = new TreeMap<>();

	private long bytes;

	KeptFiles(Path folder) throws IOException {
		this(folder, BYTES, FILES);
	}

	KeptFiles(Path folder, long maxBytes, int maxFiles) throws IOException {
		this.folder = Files.createDirectories(folder);
		this.maxBytes = maxBytes;
		this.maxFiles = maxFiles;
		try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
			for (Path file : files) {
				LtxFileName.parse(file.getFileName().toString()).ifPresent((name) -> note(name, length(file)));
			}
		}
	}

	private static long length(Path file) {
		return file.toFile().length();
	}

	private void note(LtxFileName name, long length) {
		Long former = this.lengths.put(name, length);
		this.bytes += length - ((former != null) ? former : 0);
	}

	/**
	 * Take over a file that is stored, and let go of the oldest ones.
	 * @param path where it is staged
	 * @param name its name
	 */
	synchronized void keep(Path path, LtxFileName name) throws IOException {
		Path kept = path(name);
		if (!path.equals(kept)) {
			try {
				Files.move(path, kept, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
			}
			catch (NoSuchFileException ex) {
				// Somebody cleared the folder: what is stored needs it no more
				return;
			}
			note(name, length(kept));
		}
		while (this.bytes > this.maxBytes || this.lengths.size() > this.maxFiles) {
			drop(this.lengths.firstKey());
		}
	}

	Path path(LtxFileName name) {
		return this.folder.resolve(name.toString());
	}

	/**
	 * What is kept.
	 * @return the names, ascending
	 */
	synchronized List<LtxFileName> names() {
		return List.copyOf(this.lengths.keySet());
	}

	/**
	 * How much is kept.
	 * @return in bytes
	 */
	synchronized long bytes() {
		return this.bytes;
	}

	/**
	 * Let go of a file, which may be gone already.
	 */
	synchronized void drop(LtxFileName name) throws IOException {
		Files.deleteIfExists(path(name));
		Long length = this.lengths.remove(name);
		this.bytes -= (length != null) ? length : 0;
	}

	/**
	 * Let go of every file but these.
	 */
	synchronized void retain(List<StagedFile> files) throws IOException {
		Set<Path> paths = files.stream().map(StagedFile::path).collect(Collectors.toSet());
		for (LtxFileName name : new ArrayList<>(this.lengths.keySet())) {
			if (!paths.contains(path(name))) {
				drop(name);
			}
		}
	}

	@Override
	public String toString() {
		return "%s %s".formatted(this.folder, Map.copyOf(this.lengths));
	}

}
