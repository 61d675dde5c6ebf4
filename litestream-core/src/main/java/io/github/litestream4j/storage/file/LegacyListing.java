package io.github.litestream4j.storage.file;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

import io.github.litestream4j.storage.LegacyFile;

/**
 * Finds the files that Litestream 0.3 has left in a folder.
 */
final class LegacyListing {

	private final List<LegacyFile> files = new ArrayList<>();

	private LegacyListing() {
	}

	/**
	 * List them. What goes while this runs is as good as never listed.
	 * @param generations the folder of the generations
	 * @return the files
	 * @throws NoSuchFileException when that folder is not there
	 * @throws IOException when a folder cannot be read
	 */
	static List<LegacyFile> of(Path generations) throws IOException {
		LegacyListing listing = new LegacyListing();
		for (String generation : names(generations)) {
			if (LegacyFile.isGeneration(generation)) {
				for (LegacyFile.Kind kind : LegacyFile.Kind.values()) {
					listing.addAll(generation, kind, generations.resolve(generation).resolve(kind.folder()));
				}
			}
		}
		return listing.files;
	}

	private void addAll(String generation, LegacyFile.Kind kind, Path folder) throws IOException {
		SortedSet<String> names;
		try {
			names = names(folder);
			if (!names.isEmpty()) {
				// A folder that grows meanwhile may hide a file that was there before
				names.addAll(names(folder).headSet(names.last()));
			}
		}
		catch (NoSuchFileException ex) {
			return;
		}
		for (String name : names) {
			add(generation, kind, folder.resolve(name));
		}
	}

	private void add(String generation, LegacyFile.Kind kind, Path path) throws IOException {
		try {
			BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
			if (attributes.isRegularFile()) {
				LegacyFile
					.parse(generation, kind.folder(), path.getFileName().toString(), attributes.size(),
							attributes.lastModifiedTime().toInstant())
					.ifPresent(this.files::add);
			}
		}
		catch (NoSuchFileException ex) {
			// Retention took it
			return;
		}
	}

	private static SortedSet<String> names(Path folder) throws IOException {
		SortedSet<String> names = new TreeSet<>();
		try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
			for (Path entry : entries) {
				names.add(entry.getFileName().toString());
			}
		}
		return names;
	}

}
