package io.github.litestream4j.restore;

import io.github.litestream4j.storage.StoredFile;

/**
 * A part of a stored file.
 *
 * @param file the file
 * @param offset the first byte
 * @param length how many bytes
 */
record Extent(StoredFile file, long offset, long length) {

	static Extent whole(StoredFile file) {
		return new Extent(file, 0, file.size());
	}

	boolean isWhole() {
		return this.offset == 0 && this.length == this.file.size();
	}

}
