package io.github.litestream4j.storage.s3;

import java.time.Duration;

/**
 * Sizes and times of requests.
 *
 * @param multipartFrom a file of known length is sent in parts from this length on, in
 * bytes
 * @param partSize the length of a part, in bytes; S3 wants 5 MiB or more
 * @param partsInFlight how many parts of one file are sent at a time
 * @param attempts how often a conditional write is tried while others are in its way
 * @param timeout how long a small request may take, with the client's own retries
 */
record S3Limits(long multipartFrom, int partSize, int partsInFlight, int attempts, Duration timeout) {

	static final S3Limits DEFAULT = new S3Limits(64L << 20, 8 << 20, 3, 6, Duration.ofSeconds(30));

	/** S3 takes no more parts than this. */
	static final int MOST_PARTS = 10_000;

	/** What the slowest line that still counts as one sends, in bytes a second. */
	private static final long SLOWEST = 128 << 10;

	/**
	 * How long a request with a body may take.
	 * @param bytes the length of the body
	 * @return the time-out, with the client's own retries
	 */
	Duration timeout(long bytes) {
		return this.timeout.plusSeconds(bytes / SLOWEST);
	}

	/**
	 * The same for a client that has to be given the parts of a file one after the other.
	 */
	S3Limits inSequence() {
		return new S3Limits(this.multipartFrom, this.partSize, 1, this.attempts, this.timeout);
	}

	/**
	 * The length of a part of a file whose length is not known: all are alike, as some
	 * stores demand, until so many are used up that the file must be huge.
	 * @param number the part's number, from 1
	 * @return its length in bytes
	 */
	int partSize(int number) {
		if (number <= MOST_PARTS / 2) {
			return this.partSize;
		}
		return this.partSize * ((number <= MOST_PARTS / 4 * 3) ? 4 : 16);
	}

	/**
	 * The length of the parts of a file.
	 * @param length the length of the file in bytes
	 * @return a length with which they are all alike and not too many
	 */
	int partSizeOf(long length) {
		long least = (length + MOST_PARTS - 1) / MOST_PARTS;
		long size = Math.max(this.partSize, (least + 0xfffff) / 0x100000 * 0x100000);
		if (size > Integer.MAX_VALUE - 8) {
			throw new IllegalArgumentException("no object can have " + length + " bytes");
		}
		return (int) ((least <= this.partSize) ? this.partSize : size);
	}

}
