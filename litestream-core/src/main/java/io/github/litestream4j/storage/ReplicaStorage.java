package io.github.litestream4j.storage;

import java.io.InputStream;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

import io.github.litestream4j.MissingFileException;
import io.github.litestream4j.StorageUnavailableException;

/**
 * Keeps the files of one replica. Implementations are safe for use by several threads.
 * <p>
 * Every method reports a failure as {@link StorageUnavailableException}, and a file that
 * is not there as {@link MissingFileException}: an error is never an absence, and a
 * listing is whole or not given. A file appears whole under its key or not at all.
 * <p>
 * Retries are the caller's: a method gives up within a bounded time and leaves nothing
 * half done that a listing shows.
 */
public interface ReplicaStorage {

	/**
	 * Every LTX file of a level, ascending by first and then by last transaction. Names
	 * that are not those of LTX files are passed over.
	 * @param level 0 to 9
	 * @return the files, empty only when the storage said that there are none
	 */
	List<StoredFile> list(int level);

	/**
	 * Look for one file, by a listing of its level.
	 * @param key which file
	 * @return the file, empty only when the storage said that there is none
	 */
	default Optional<StoredFile> find(LtxKey key) {
		return list(key.level()).stream().filter((file) -> file.key().equals(key)).findFirst();
	}

	/**
	 * The time of a file as restores to a time understand it: when its newest transaction
	 * was captured. On S3 the object's {@code litestream-timestamp} (else its last
	 * modification), on a file replica the modification time.
	 * @param file a file of a listing
	 * @return its time
	 */
	Instant timestamp(StoredFile file);

	/**
	 * Read a part of a file. The stream fails with an {@link java.io.IOException} or a
	 * {@link StorageUnavailableException} when it ends early; the caller closes it.
	 * @param key which file
	 * @param offset the first byte
	 * @param length how many bytes, which must lie within the file
	 * @return the bytes
	 */
	InputStream read(LtxKey key, long offset, long length);

	/**
	 * The checksum of the whole database at a file's last transaction: the XOR of the
	 * checksums of all its pages, bit 63 set, as LTX defines it. It stands beside the
	 * file, since Litestream refuses files that carry it.
	 * @param file a file of a listing
	 * @return its checksum; empty when none is stored with it
	 */
	OptionalLong databaseChecksum(StoredFile file);

	/**
	 * Store a file unless its key is taken; of two racing callers exactly one gets
	 * {@code true}.
	 * @param key where
	 * @param content the bytes
	 * @param attributes what is stored with them
	 * @return {@code false} when a file stands there already, which is left as it is
	 */
	boolean putIfAbsent(LtxKey key, Content content, FileAttributes attributes);

	/**
	 * Store a file whose database's checksum is not known, unless its key is taken.
	 * @param key where
	 * @param content the bytes
	 * @param timestamp its time, see {@link #timestamp}
	 * @return {@code false} when a file stands there already, which is left as it is
	 */
	default boolean putIfAbsent(LtxKey key, Content content, Instant timestamp) {
		return putIfAbsent(key, content, FileAttributes.at(timestamp));
	}

	/**
	 * Store a file whose length is not known before, replacing one of the same key. The
	 * body is asked for once, and given up when it throws: nothing appears then. Its
	 * unchecked exceptions are passed on. A checksum that a former file of the key left
	 * goes before the file appears.
	 * @param key where
	 * @param timestamp its time, see {@link #timestamp}
	 * @param body writes the bytes
	 * @return the number of bytes stored
	 */
	long put(LtxKey key, Instant timestamp, BodyWriter body);

	/**
	 * Store the checksum of a file that was stored by {@link #put}, whose body had to be
	 * written before it was known. It replaces one that stands there already, which may
	 * be that of a former file.
	 * @param key the file
	 * @param checksum the checksum
	 */
	void putDatabaseChecksum(LtxKey key, long checksum);

	/**
	 * Delete files. One that is gone already is no error.
	 * @param keys which files
	 */
	void delete(Collection<LtxKey> keys);

	/**
	 * Read a small file of ours below {@code meta/}, where Litestream does not look.
	 * @param name its name below {@code meta/}, with {@code /} between folders
	 * @return its bytes, empty when there is none
	 */
	Optional<byte[]> readMeta(String name);

	/**
	 * Store a small file of ours below {@code meta/} unless there is one.
	 * @param name its name below {@code meta/}
	 * @param content its bytes
	 * @return {@code false} when one stands there already
	 */
	boolean putMetaIfAbsent(String name, byte[] content);

	/**
	 * The names of the small files directly in a folder below {@code meta/}. What no call
	 * here could have stored, such as a temporary file, is passed over.
	 * @param folder the folder's name below {@code meta/}
	 * @return their names without the folder, ascending; empty only when the storage said
	 * that there are none
	 */
	List<String> listMeta(String folder);

	/**
	 * Every file that Litestream 0.3 has left in this replica, in no particular order.
	 * @return the files, empty only when the storage said that there are none
	 */
	default List<LegacyFile> listLegacy() {
		return List.of();
	}

	/**
	 * Read a file of Litestream 0.3 to its end. The stream fails as that of
	 * {@link #read}.
	 * @param file a file of a listing
	 * @param offset the first byte, at most the file's size
	 * @return the bytes, compressed as they are
	 */
	default InputStream readLegacy(LegacyFile file, long offset) {
		throw new MissingFileException("There is no file " + file + " in " + url());
	}

	/**
	 * The place of this replica as a URL, without credentials, for messages.
	 * @return for example {@code s3://bucket/prefix}
	 */
	String url();

}
