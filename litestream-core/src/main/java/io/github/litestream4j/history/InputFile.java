package io.github.litestream4j.history;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.Optional;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.MissingFileException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.scratch.ScratchFile;
import io.github.litestream4j.scratch.ScratchFolder;
import io.github.litestream4j.storage.Content;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;

/**
 * A stored file that is merged: its local copy where there is one. What has to be fetched
 * is fetched whole before it is read, since a merge reads many files side by side, each
 * as slowly as their pages come, and no storage keeps that many streams open for so long.
 */
final class InputFile implements MergeInput {

	/** A file up to this length is fetched into memory, in bytes. */
	private static final int IN_MEMORY = 1 << 16;

	private final StoredFile file;

	private final ReplicaStorage storage;

	private final LocalFiles local;

	private final ScratchFolder scratch;

	private boolean copy;

	InputFile(StoredFile file, ReplicaStorage storage, LocalFiles local, ScratchFolder scratch) {
		this.file = file;
		this.storage = storage;
		this.local = local;
		this.scratch = scratch;
	}

	StoredFile file() {
		return this.file;
	}

	@Override
	public String name() {
		return (this.copy ? "the local copy of " : "") + this.file.key() + " in " + this.storage.url();
	}

	@Override
	public LtxFileName range() {
		return this.file.key().name();
	}

	@Override
	public boolean isCopy() {
		return this.copy;
	}

	@Override
	public InputStream open() throws IOException {
		Optional<Content> found = (this.file.key().level() == 0) ? this.local.find(range()) : Optional.empty();
		this.copy = found.isPresent() && found.get().length() == this.file.size();
		if (this.copy) {
			try {
				return found.orElseThrow().open();
			}
			catch (NoSuchFileException ex) {
				// It has made room for newer ones since it was found
				this.copy = false;
			}
		}
		return fetch();
	}

	private InputStream fetch() throws IOException {
		try (InputStream in = this.storage.read(this.file.key(), 0, this.file.size())) {
			return (this.file.size() <= IN_MEMORY) ? new ByteArrayInputStream(in.readAllBytes())
					: new ScratchInput(copy(in), true);
		}
		catch (MissingFileException ex) {
			throw new DamagedInputException(this, ex);
		}
		catch (IOException | StorageUnavailableException ex) {
			requireUnchanged(ex);
			throw ex;
		}
	}

	private ScratchFile copy(InputStream in) throws IOException {
		ScratchFile target = this.scratch.create();
		try {
			byte[] piece = new byte[IN_MEMORY];
			for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
				target.append(ByteBuffer.wrap(piece, 0, count));
			}
			return target;
		}
		catch (IOException | RuntimeException ex) {
			target.close();
			throw ex;
		}
	}

	/**
	 * A file that was cut since it was stored cannot be read to its end, however often.
	 */
	private void requireUnchanged(Exception failure) throws DamagedInputException {
		Optional<StoredFile> listed;
		try {
			listed = this.storage.find(this.file.key());
		}
		catch (StorageUnavailableException ex) {
			failure.addSuppressed(ex);
			return;
		}
		LitestreamException problem = null;
		if (listed.isEmpty()) {
			problem = new MissingFileException("%s is gone".formatted(name()), failure);
		}
		else if (listed.get().size() != this.file.size()) {
			problem = new CorruptDataException("%s: expected %d bytes, as it was stored, but it has %d now"
				.formatted(name(), this.file.size(), listed.get().size()), failure);
		}
		if (problem != null) {
			throw new DamagedInputException(this, problem);
		}
	}

}
