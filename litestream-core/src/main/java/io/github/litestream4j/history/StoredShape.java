package io.github.litestream4j.history;

import io.github.litestream4j.ltx.LtxHeader;
import io.github.litestream4j.ltx.LtxIndex;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;

/**
 * What a file's name, level and size say of it.
 */
final class StoredShape {

	/**
	 * The least size of an LTX file: header, end of the pages, an index of no page, its
	 * length and the trailer.
	 */
	static final int LEAST_SIZE = LtxHeader.SIZE + 6 + 1 + LtxIndex.TAIL;

	private StoredShape() {
	}

	/** Whether it can be an LTX file at all. */
	static boolean isWhole(StoredFile file) {
		return file.size() >= LEAST_SIZE;
	}

	/** Whether a restore can begin with it, and it is kept for that. */
	static boolean isSnapshot(StoredFile file) {
		return file.key().level() == LtxKey.SNAPSHOT_LEVEL && file.key().name().isSnapshot() && isWhole(file);
	}

	/** Whether it is made of files of the levels below. */
	static boolean isMerged(StoredFile file) {
		return file.key().level() > 0 && file.key().level() < LtxKey.SNAPSHOT_LEVEL && isWhole(file);
	}

}
