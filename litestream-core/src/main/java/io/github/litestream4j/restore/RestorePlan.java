package io.github.litestream4j.restore;

import java.util.List;

import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.StoredFile;

/**
 * The files that make one state of a database: the first is a snapshot, each later one
 * begins at most one transaction after the end of the one before it, and ends later.
 *
 * @param files the files in the order in which they apply, at least one
 */
record RestorePlan(List<StoredFile> files) {

	RestorePlan {
		files = List.copyOf(files);
		if (files.isEmpty()) {
			throw new IllegalArgumentException("a plan has at least one file");
		}
	}

	/**
	 * The state that the files make.
	 * @return the last transaction of the last file
	 */
	Txid txid() {
		return last().key().name().max();
	}

	/**
	 * The file that the state ends with.
	 * @return the newest file
	 */
	StoredFile last() {
		return this.files.get(this.files.size() - 1);
	}

	/**
	 * How much the files hold.
	 * @return the sum of their sizes in bytes
	 */
	long bytes() {
		return this.files.stream().mapToLong(StoredFile::size).sum();
	}

}
