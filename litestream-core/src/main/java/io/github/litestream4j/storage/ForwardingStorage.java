package io.github.litestream4j.storage;

import java.io.InputStream;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Passes everything on to another storage, for those that change only some of it. What
 * {@link ReplicaStorage} itself makes of its other methods, such as {@link #find}, is
 * made of those of this storage, so that a change of {@link #list} shows there too.
 */
public abstract class ForwardingStorage implements ReplicaStorage {

	private final ReplicaStorage storage;

	/**
	 * Create a storage that passes everything on.
	 * @param storage the other storage
	 */
	protected ForwardingStorage(ReplicaStorage storage) {
		this.storage = storage;
	}

	@Override
	public List<StoredFile> list(int level) {
		return this.storage.list(level);
	}

	@Override
	public Instant timestamp(StoredFile file) {
		return this.storage.timestamp(file);
	}

	@Override
	public InputStream read(LtxKey key, long offset, long length) {
		return this.storage.read(key, offset, length);
	}

	@Override
	public OptionalLong databaseChecksum(StoredFile file) {
		return this.storage.databaseChecksum(file);
	}

	@Override
	public boolean putIfAbsent(LtxKey key, Content content, FileAttributes attributes) {
		return this.storage.putIfAbsent(key, content, attributes);
	}

	@Override
	public long put(LtxKey key, Instant timestamp, BodyWriter body) {
		return this.storage.put(key, timestamp, body);
	}

	@Override
	public void putDatabaseChecksum(LtxKey key, long checksum) {
		this.storage.putDatabaseChecksum(key, checksum);
	}

	@Override
	public void delete(Collection<LtxKey> keys) {
		this.storage.delete(keys);
	}

	@Override
	public Optional<byte[]> readMeta(String name) {
		return this.storage.readMeta(name);
	}

	@Override
	public boolean putMetaIfAbsent(String name, byte[] content) {
		return this.storage.putMetaIfAbsent(name, content);
	}

	@Override
	public List<String> listMeta(String folder) {
		return this.storage.listMeta(folder);
	}

	@Override
	public List<LegacyFile> listLegacy() {
		return this.storage.listLegacy();
	}

	@Override
	public InputStream readLegacy(LegacyFile file, long offset) {
		return this.storage.readLegacy(file, offset);
	}

	@Override
	public String url() {
		return this.storage.url();
	}

	@Override
	public String toString() {
		return this.storage.toString();
	}

}
