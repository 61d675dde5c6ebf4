package io.github.litestream4j.history;

import java.io.IOException;

/**
 * One of the files of a merge is not what it must be, or is not there.
 */
final class DamagedInputException extends IOException {

	private static final long serialVersionUID = 1L;

	private final transient MergeInput input;

	DamagedInputException(MergeInput input, Throwable cause) {
		super(cause.getMessage(), cause);
		this.input = input;
	}

	/**
	 * Which one.
	 */
	MergeInput input() {
		return this.input;
	}

}
