package io.github.litestream4j.torture;

/**
 * What the ledger says after a transaction. Its arithmetic is SQL's too, so that another
 * process can write an entry.
 *
 * @param seq the transaction's number, 0 for the empty ledger
 * @param state the sum of the hashes of all rows of all content tables
 * @param chain depends on every state up to this one
 */
record Entry(long seq, long state, long chain) {

	static final Entry NONE = new Entry(0, 0, 0);

	/**
	 * The next chain in SQL, of the columns {@code seq}, {@code state}, {@code chain}.
	 */
	static final String NEXT_CHAIN = "(chain %% 1125899906842624) * 31 + (%s) %% 1125899906842624 + seq + 1";

	private static final long MODULUS = 1L << 50;

	Entry next(long delta) {
		long next = this.state + delta;
		return new Entry(this.seq + 1, next, (this.chain % MODULUS) * 31 + next % MODULUS + this.seq + 1);
	}

	static Entry parse(String[] words, int from) {
		return new Entry(Long.parseLong(words[from]), Long.parseLong(words[from + 1]), Long.parseLong(words[from + 2]));
	}

	@Override
	public String toString() {
		return this.seq + " " + this.state + " " + this.chain;
	}

}
