package io.github.litestream4j.storage.file;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeSet;

import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.storage.BodyWriter;
import io.github.litestream4j.storage.ChecksumText;
import io.github.litestream4j.storage.Content;
import io.github.litestream4j.storage.ExactInputStream;
import io.github.litestream4j.storage.FileAttributes;
import io.github.litestream4j.storage.LegacyFile;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.MetaName;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;

import org.jspecify.annotations.Nullable;

/**
 * A replica in a folder, as Litestream lays it out: {@code ltx/<level>/<name>}, with
 * files of our own in {@code meta/}. A file's time is its modification time.
 * <p>
 * A stored file survives a loss of power: it is synced, and its folder too, before a call
 * returns. Creating an instance touches nothing; the folder and those above it come with
 * the first file. Nothing here has a time-out: how long a call on a network file system
 * may hang is a matter of its mount options.
 */
public final class FileReplicaStorage implements ReplicaStorage {

	private final Path folder;

	private final FileWriter writer;

	private final FileFailures failures;

	private final ChecksumFiles checksums;

	/**
	 * A replica in a folder, which need not be there yet.
	 * @param folder where {@code ltx/} and {@code meta/} are or will be
	 */
	public FileReplicaStorage(Path folder) {
		this(folder, new FileWriter(Files::createLink, Clock.systemUTC()));
	}

	FileReplicaStorage(Path folder, FileWriter writer) {
		this.folder = folder.toAbsolutePath().normalize();
		this.writer = writer;
		this.failures = new FileFailures(url());
		this.checksums = new ChecksumFiles(this.folder.resolve("meta"), writer, this.failures);
	}

	/**
	 * {@inheritDoc}
	 * <p>
	 * A folder that grows while it is read may show a new file and hide one that was
	 * there before it. So it is read twice: what the second reading shows below the
	 * newest file of the first one was there when the first one ended.
	 */
	@Override
	public List<StoredFile> list(int level) {
		Path levelFolder = levelFolder(level);
		return this.failures.orAbsent(List.of(), "list", levelFolder, () -> {
			SortedSet<LtxFileName> names = names(levelFolder);
			if (!names.isEmpty()) {
				names.addAll(names(levelFolder).headSet(names.last()));
			}
			List<StoredFile> files = new ArrayList<>(names.size());
			for (LtxFileName name : names) {
				storedFile(new LtxKey(level, name)).ifPresent(files::add);
			}
			return files;
		});
	}

	private static SortedSet<LtxFileName> names(Path folder) throws IOException {
		SortedSet<LtxFileName> names = new TreeSet<>();
		try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
			for (Path entry : entries) {
				LtxFileName.parse(entry.getFileName().toString()).ifPresent(names::add);
			}
		}
		return names;
	}

	private Optional<StoredFile> storedFile(LtxKey key) throws IOException {
		try {
			BasicFileAttributes attributes = Files.readAttributes(path(key), BasicFileAttributes.class);
			return attributes.isRegularFile()
					? Optional.of(new StoredFile(key, attributes.size(), attributes.lastModifiedTime().toInstant()))
					: Optional.empty();
		}
		catch (NoSuchFileException ex) {
			// Deleted since the folder was read: as good as never listed.
			return Optional.empty();
		}
	}

	@Override
	public Instant timestamp(StoredFile file) {
		Path path = path(file.key());
		return this.failures.listed("read the time of", path, () -> Files.getLastModifiedTime(path).toInstant());
	}

	@Override
	public InputStream read(LtxKey key, long offset, long length) {
		if (offset < 0 || length < 0) {
			throw new IllegalArgumentException("no range: " + length + " bytes at " + offset + " of " + key);
		}
		return read(path(key), offset, length);
	}

	@Override
	public List<LegacyFile> listLegacy() {
		Path generations = this.folder.resolve(LegacyFile.FOLDER);
		return this.failures.orAbsent(List.of(), "list", generations, () -> LegacyListing.of(generations));
	}

	@Override
	public InputStream readLegacy(LegacyFile file, long offset) {
		if (offset < 0 || offset > file.size()) {
			throw new IllegalArgumentException("no byte " + offset + " in " + file + " of " + file.size());
		}
		return read(this.folder.resolve(file.path()), offset, file.size() - offset);
	}

	private InputStream read(Path path, long offset, long length) {
		return this.failures.listed("read", path, () -> {
			FileChannel channel = FileChannel.open(path);
			try {
				channel.position(offset);
				return new ExactInputStream(Channels.newInputStream(channel), length, path.toString());
			}
			catch (IOException ex) {
				channel.close();
				throw ex;
			}
		});
	}

	@Override
	public OptionalLong databaseChecksum(StoredFile file) {
		return ChecksumText.find(readMeta(ChecksumText.metaName(file.key())),
				this.checksums.path(file.key()).toString());
	}

	@Override
	public boolean putIfAbsent(LtxKey key, Content content, FileAttributes attributes) {
		Path path = path(key);
		this.checksums.forgetUnlessOf(key, path);
		boolean created = putIfAbsent(path, content, attributes.timestamp());
		// Afterwards, for it belongs to the file that was taken, not to one that was not
		if (created) {
			this.checksums.writeAtOnce(key, attributes.databaseChecksum());
		}
		return created;
	}

	@Override
	public void putDatabaseChecksum(LtxKey key, long value) {
		this.checksums.replace(key, value);
	}

	private boolean putIfAbsent(Path path, Content content, @Nullable Instant timestamp) {
		return this.failures.call("write", path, () -> this.writer.createNew(path, timestamp, (out) -> {
			try (InputStream in = content.open()) {
				new ExactInputStream(in, content.length(), "the content of " + path).transferTo(out);
			}
		}));
	}

	@Override
	public long put(LtxKey key, Instant timestamp, BodyWriter body) {
		Path path = path(key);
		this.checksums.forget(key);
		return this.failures.call("write", path, () -> this.writer.replace(path, timestamp, body));
	}

	@Override
	public void delete(Collection<LtxKey> keys) {
		StorageUnavailableException failure = null;
		for (LtxKey key : keys) {
			try {
				// Not synced: a file that is back after a loss of power harms nothing.
				Files.deleteIfExists(this.checksums.path(key));
				Files.deleteIfExists(path(key));
			}
			catch (IOException ex) {
				if (failure == null) {
					failure = this.failures.unavailable("delete", path(key), ex);
				}
				else {
					failure.addSuppressed(ex);
				}
			}
		}
		if (failure != null) {
			throw failure;
		}
	}

	@Override
	public Optional<byte[]> readMeta(String name) {
		Path path = metaPath(name);
		return this.failures.orAbsent(Optional.empty(), "read", path, () -> Optional.of(Files.readAllBytes(path)));
	}

	@Override
	public boolean putMetaIfAbsent(String name, byte[] content) {
		return putIfAbsent(metaPath(name), Content.of(content), null);
	}

	@Override
	public List<String> listMeta(String folder) {
		Path path = metaPath(folder);
		return this.failures.orAbsent(List.of(), "list", path, () -> {
			List<String> names = new ArrayList<>();
			try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
				for (Path entry : entries) {
					String name = entry.getFileName().toString();
					if (MetaName.isSimple(name) && Files.isRegularFile(entry)) {
						names.add(name);
					}
				}
			}
			Collections.sort(names);
			return names;
		});
	}

	@Override
	public String url() {
		return "file:" + this.folder;
	}

	@Override
	public String toString() {
		return url();
	}

	private Path levelFolder(int level) {
		if (level < 0 || level > LtxKey.SNAPSHOT_LEVEL) {
			throw new IllegalArgumentException("a level is 0 to " + LtxKey.SNAPSHOT_LEVEL + ", not " + level);
		}
		return this.folder.resolve("ltx").resolve(Integer.toString(level));
	}

	private Path path(LtxKey key) {
		return levelFolder(key.level()).resolve(key.name().toString());
	}

	private Path metaPath(String name) {
		return this.folder.resolve("meta").resolve(MetaName.check(name));
	}

}
