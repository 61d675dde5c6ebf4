package io.github.litestream4j.replication;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.LtxHeader;
import io.github.litestream4j.ltx.LtxReader;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.scratch.ScratchFolder;
import io.github.litestream4j.storage.BodyWriter;
import io.github.litestream4j.storage.Content;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder that holds what is captured and not yet stored. A file is written at once,
 * and synced before the WAL may lose the frames that it was made of.
 */
final class Staging {

	private static final Logger logger = LoggerFactory.getLogger(Staging.class);

	/** A file up to this length is kept in memory too until it is stored, in bytes. */
	private static final int IN_MEMORY = 1 << 20;

	/** All of them together, in bytes. */
	private static final int ALL_IN_MEMORY = 4 << 20;

	/** Space that is left on a disk that is as good as full, in bytes. */
	private static final long SCARCE = 64L << 20;

	private final Path folder;

	/** Written, neither synced nor stored. */
	private final Set<Path> unsynced = Collections.synchronizedSet(new LinkedHashSet<>());

	private final KeptFiles kept;

	private final ScratchFolder scratch;

	/** How much of what is staged is kept in memory, in bytes, and of which file. */
	private final AtomicLong held = new AtomicLong();

	private final Map<Path, Integer> heldFiles = new ConcurrentHashMap<>();

	Staging(Path stagingDirectory) throws IOException {
		this.scratch = new ScratchFolder(stagingDirectory.resolve("scratch"));
		this.folder = Files.createDirectories(stagingDirectory.resolve("ltx").resolve("0"));
		this.kept = new KeptFiles(stagingDirectory.resolve("stored"));
	}

	/** Where is kept what is too much for memory. */
	ScratchFolder scratch() {
		return this.scratch;
	}

	private Path path(Txid txid) {
		return this.folder.resolve(LtxFileName.of(txid).toString());
	}

	StagedFile write(Txid txid, Instant timestamp, byte[] bytes, OptionalLong checksum, long since) throws IOException {
		Path path = path(txid);
		this.unsynced.add(path);
		try (StagedOutput out = new StagedOutput(path)) {
			out.write(bytes);
			out.write(StagedChecksum.encode(checksum));
		}
		catch (StagingException ex) {
			makeRoom(ex);
			throw ex;
		}
		Content content = hold(path, bytes.length) ? Content.of(bytes) : Content.of(path, bytes.length);
		return new StagedFile(txid, timestamp, path, content, checksum, since);
	}

	/**
	 * While the replica cannot be reached, what waits for it must not fill the memory.
	 */
	private boolean hold(Path path, int length) {
		if (length > IN_MEMORY || this.held.get() + length > ALL_IN_MEMORY) {
			return false;
		}
		Integer former = this.heldFiles.put(path, length);
		this.held.addAndGet(length - ((former != null) ? former : 0));
		return true;
	}

	/**
	 * Write a file that is too long for memory.
	 * @param checksum asked for when the body is written
	 */
	StagedFile write(Txid txid, Instant timestamp, BodyWriter body, ChecksumSource checksum, long since)
			throws IOException {
		Path path = path(txid);
		this.unsynced.add(path);
		try (StagedOutput file = new StagedOutput(path)) {
			OutputStream out = new BufferedOutputStream(file, 1 << 16);
			body.writeTo(out);
			out.flush();
			long length = file.length();
			OptionalLong known = checksum.get();
			file.write(StagedChecksum.encode(known));
			return new StagedFile(txid, timestamp, path, Content.of(path, length), known, since);
		}
		catch (IOException | RuntimeException | Error ex) {
			discard(path, ex);
			if (ex instanceof StagingException staging) {
				makeRoom(staging);
			}
			throw ex;
		}
	}

	private void discard(Path path, Throwable failure) {
		this.unsynced.remove(path);
		try {
			Files.deleteIfExists(path);
		}
		catch (IOException ex) {
			// It is written anew, which tells
			failure.addSuppressed(ex);
		}
	}

	/**
	 * What is stored gives way to what is not, where the disk is full.
	 */
	private void makeRoom(StagingException failure) {
		try {
			if (Files.getFileStore(this.folder).getUsableSpace() < SCARCE) {
				this.kept.retain(List.of());
			}
		}
		catch (IOException ex) {
			failure.addSuppressed(ex);
		}
	}

	/**
	 * Gives a database's checksum.
	 */
	@FunctionalInterface
	interface ChecksumSource {

		OptionalLong get() throws IOException;

	}

	/**
	 * Sync what is neither stored nor synced yet.
	 */
	void force() throws IOException {
		List<Path> paths;
		synchronized (this.unsynced) {
			paths = List.copyOf(this.unsynced);
		}
		if (paths.isEmpty()) {
			return;
		}
		for (Path path : paths) {
			forceIfThere(path);
		}
		force(this.folder, StandardOpenOption.READ);
		this.unsynced.removeAll(paths);
	}

	private static void forceIfThere(Path path) throws IOException {
		try {
			force(path, StandardOpenOption.WRITE);
		}
		catch (StagingException ex) {
			// A file that is gone was stored meanwhile, which is better than synced
			if (!(ex.getCause() instanceof NoSuchFileException)) {
				throw ex;
			}
		}
	}

	private static void force(Path path, OpenOption option) throws IOException {
		try (FileChannel channel = FileChannel.open(path, option)) {
			channel.force(true);
		}
		catch (IOException ex) {
			throw new StagingException(path, ex);
		}
	}

	/**
	 * A file is stored: it is needed no more, but the newest ones are kept for a while.
	 */
	void stored(StagedFile file) throws IOException {
		this.unsynced.remove(file.path());
		Integer length = this.heldFiles.remove(file.path());
		this.held.addAndGet((length != null) ? -length : 0);
		this.kept.keep(file.path(), LtxFileName.of(file.txid()));
	}

	/**
	 * The newest of the files that are stored.
	 */
	KeptFiles kept() {
		return this.kept;
	}

	/**
	 * Remove every file but these that is not known to be stored: what a crash cut short,
	 * and what no history goes on with.
	 */
	void retain(List<StagedFile> files) throws IOException {
		Set<Path> kept = files.stream().map(StagedFile::path).collect(Collectors.toSet());
		for (LtxFileName name : names()) {
			Path path = this.folder.resolve(name.toString());
			if (!kept.contains(path)) {
				Files.delete(path);
			}
		}
	}

	/**
	 * The TXIDs that are staged.
	 * @return the names, ascending
	 */
	List<LtxFileName> names() throws IOException {
		List<LtxFileName> names = new ArrayList<>();
		try (DirectoryStream<Path> files = Files.newDirectoryStream(this.folder)) {
			for (Path file : files) {
				LtxFileName.parse(file.getFileName().toString()).ifPresent(names::add);
			}
		}
		Collections.sort(names);
		return names;
	}

	/**
	 * The local file of a TXID, stored or not, read and checked.
	 * @param txid its TXID
	 * @return the file; empty when it is missing or damaged, which is logged
	 */
	Optional<StagedFile> find(Txid txid) throws IOException {
		LtxFileName name = LtxFileName.of(txid);
		Path staged = path(txid);
		if (isThere(staged)) {
			Optional<StagedFile> found = sound(staged, txid);
			found.ifPresent((file) -> this.unsynced.add(staged));
			return found;
		}
		Path path = this.kept.path(name);
		if (!isThere(path)) {
			return Optional.empty();
		}
		Optional<StagedFile> found = sound(path, txid);
		if (found.isEmpty()) {
			this.kept.drop(name);
		}
		return found;

	}

	/**
	 * The local bytes of a TXID, stored or not, not read yet.
	 * @param txid its TXID
	 * @return its LTX file; empty when there is none, or what stands behind it is damaged
	 */
	Optional<Content> content(Txid txid) throws IOException {
		for (Path path : List.of(this.kept.path(LtxFileName.of(txid)), path(txid))) {
			try {
				return Optional.of(Content.of(path, StagedChecksum.find(path).length()));
			}
			catch (NoSuchFileException ex) {
				logger.trace("{} is not there", path, ex);
			}
			catch (CorruptDataException ex) {
				logger.warn("The local file of {} cannot be used: {}", txid, ex.getMessage());
				return Optional.empty();
			}
		}
		return Optional.empty();
	}

	/** Where it cannot be told, that is an error and no absence. */
	private static boolean isThere(Path path) throws IOException {
		try {
			Files.readAttributes(path, BasicFileAttributes.class);
			return true;
		}
		catch (NoSuchFileException ex) {
			return false;
		}
	}

	/**
	 * The first TXID whose frames lie, in whole or in part, behind an offset in the WAL.
	 * @param position the position that was captured last
	 * @param offset the offset in bytes
	 * @return as it is known from the files that are still here, else the position's
	 */
	Txid firstFrom(CapturePosition position, long offset) throws IOException {
		Txid first = position.txid();
		TreeSet<LtxFileName> names = new TreeSet<>(names());
		names.addAll(this.kept.names());
		for (LtxFileName name : names) {
			Optional<LtxHeader> header = header(name);
			boolean behind = header.isPresent()
					&& position.wal().isSameRun(header.get().walSalt1(), header.get().walSalt2())
					&& header.get().walOffset() + header.get().walSize() > offset;
			if (behind && name.min().isBefore(first)) {
				first = name.min();
			}
		}
		return first;
	}

	private Optional<LtxHeader> header(LtxFileName name) throws IOException {
		Path staged = this.folder.resolve(name.toString());
		try (InputStream in = Files.newInputStream(Files.exists(staged) ? staged : this.kept.path(name))) {
			return Optional.of(LtxHeader.decode(ByteBuffer.wrap(in.readNBytes(LtxHeader.SIZE))));
		}
		catch (CorruptDataException ex) {
			// Torn, since it was never synced: it tells nothing
			return Optional.empty();
		}
	}

	private static Optional<StagedFile> sound(Path path, Txid txid) throws IOException {
		try {
			StagedChecksum.Found found = StagedChecksum.find(path);
			Content content = Content.of(path, found.length());
			return Optional.of(new StagedFile(txid, verified(content, path, txid), path, content, found.checksum(),
					System.nanoTime()));
		}
		catch (CorruptDataException ex) {
			logger.error("What is staged for {} cannot be stored: {}", txid, ex.getMessage());
			return Optional.empty();
		}
	}

	private static Instant verified(Content content, Path path, Txid txid) throws IOException {
		try (InputStream in = content.open(); LtxReader reader = new LtxReader(in, path.toString())) {
			if (!reader.header().min().equals(txid) || !reader.header().max().equals(txid)) {
				throw new CorruptDataException(path + " holds " + reader.header().min() + ", not " + txid);
			}
			reader.readToEnd();
			return Instant.ofEpochMilli(reader.header().timestamp());
		}
	}

}
