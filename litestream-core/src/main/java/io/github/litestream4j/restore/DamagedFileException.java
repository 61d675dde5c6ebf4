package io.github.litestream4j.restore;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.storage.StoredFile;

/**
 * One file of a plan was read, and is not what it must be. No caller of this package sees
 * it: either other files do, or its cause is thrown.
 */
final class DamagedFileException extends LitestreamException {

	private static final long serialVersionUID = 1L;

	private final transient StoredFile file;

	private final CorruptDataException damage;

	DamagedFileException(StoredFile file, CorruptDataException damage) {
		super(String.valueOf(damage.getMessage()), damage);
		this.file = file;
		this.damage = damage;
	}

	StoredFile file() {
		return this.file;
	}

	/**
	 * What was found.
	 */
	CorruptDataException damage() {
		return this.damage;
	}

}
