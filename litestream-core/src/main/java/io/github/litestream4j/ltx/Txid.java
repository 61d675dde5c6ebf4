package io.github.litestream4j.ltx;

/**
 * A transaction id: the position of a file in a replica's history, an unsigned 64-bit
 * number written as 16 lower-case hex digits. 0 stands for "before the first".
 *
 * @param value the 64 bits, unsigned
 */
public record Txid(long value) implements Comparable<Txid> {

	/** Before the first transaction. */
	public static final Txid ZERO = new Txid(0);

	/**
	 * The first transaction of every replica; a file that begins with it is a snapshot.
	 */
	public static final Txid FIRST = new Txid(1);

	/**
	 * Read a TXID of exactly 16 hex digits.
	 * @param text the digits
	 * @return the TXID
	 * @throws IllegalArgumentException when the text is not of that form
	 */
	public static Txid parse(String text) {
		if (text.length() != 16) {
			throw new IllegalArgumentException("a TXID has 16 hex digits, but this is '" + text + "'");
		}
		for (int i = 0; i < 16; i++) {
			char c = text.charAt(i);
			if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
				throw new IllegalArgumentException("a TXID has 16 lower-case hex digits, but this is '" + text + "'");
			}
		}
		return new Txid(Long.parseUnsignedLong(text, 16));
	}

	public Txid next() {
		if (this.value == -1) {
			throw new IllegalStateException("there is no TXID after " + this);
		}
		return new Txid(this.value + 1);
	}

	public boolean isAfter(Txid other) {
		return compareTo(other) > 0;
	}

	public boolean isBefore(Txid other) {
		return compareTo(other) < 0;
	}

	@Override
	public int compareTo(Txid other) {
		return Long.compareUnsigned(this.value, other.value);
	}

	@Override
	public String toString() {
		String digits = Long.toHexString(this.value);
		return "0".repeat(16 - digits.length()) + digits;
	}

}
