package io.github.litestream4j.restore;

/**
 * How many gaps of which size there are between the parts of files that are needed, and
 * so up to which size a gap is better read than left out: a request costs time, a byte
 * that nobody needs costs traffic. In constant memory; not safe for use by several
 * threads.
 */
final class GapSizes {

	/**
	 * What a request costs, no gap that is longer is worth: about what a stream delivers
	 * while another one is answered.
	 */
	private static final long LONGEST = 1 << 20;

	/** How much of what is read may be gaps, whatever the number of requests. */
	private static final double SHARE = 0.05;

	/** So many requests are always all right: seconds. */
	private static final long REQUESTS = 20_000;

	/** And one for each so many bytes that are needed. */
	private static final long REQUEST_BYTES = 64 * 1024;

	/** Four for each power of two. */
	private static final int CLASSES = 4 * (Long.SIZE - Long.numberOfLeadingZeros(LONGEST));

	private final long[] counts = new long[CLASSES];

	private final long[] sums = new long[CLASSES];

	private long parts;

	/**
	 * Another part is needed that has no gap before it.
	 */
	void addPart() {
		this.parts++;
	}

	/**
	 * Another part is needed.
	 * @param size the gap before it, in bytes, at least 1
	 */
	void add(long size) {
		this.parts++;
		if (size <= LONGEST) {
			int index = classOf(size);
			this.counts[index]++;
			this.sums[index] += size;
		}
	}

	/**
	 * Choose the gaps to be read.
	 * @param needed how many bytes are needed
	 * @return those that are shorter than this, in bytes, and how much they are together
	 */
	Choice choose(long needed) {
		long allowed = Math.max(REQUESTS, needed / REQUEST_BYTES);
		long requests = this.parts;
		long gaps = 0;
		int index = 0;
		while (index < CLASSES && (requests > allowed || gaps + this.sums[index] <= needed * SHARE)) {
			gaps += this.sums[index];
			requests -= this.counts[index];
			index++;
		}
		return new Choice(index, gaps);
	}

	/** 1, 2 and 3 are classes of their own, then each power of two has four. */
	private static int classOf(long size) {
		if (size < 4) {
			return (int) size;
		}
		int exponent = Long.SIZE - 1 - Long.numberOfLeadingZeros(size);
		return 4 * (exponent - 1) + (int) (size >>> (exponent - 2) & 3);
	}

	/**
	 * Which gaps are read.
	 *
	 * @param classes how many classes, the smallest first
	 * @param bytes how much that is
	 */
	record Choice(int classes, long bytes) {

		boolean includes(long gap) {
			return gap <= LONGEST && classOf(gap) < this.classes;
		}

	}

}
