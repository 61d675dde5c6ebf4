package io.github.litestream4j.ltx;

import java.util.Comparator;
import java.util.Optional;

/**
 * The name of an LTX file, {@code MIN-MAX.ltx}: the range of transactions that it holds.
 *
 * @param min the first transaction, at least 1
 * @param max the last transaction, not before the first
 */
public record LtxFileName(Txid min, Txid max) implements Comparable<LtxFileName> {

	private static final String SUFFIX = ".ltx";

	private static final int LENGTH = 16 + 1 + 16 + SUFFIX.length();

	private static final Comparator<LtxFileName> ORDER = Comparator.comparing(LtxFileName::min)
		.thenComparing(LtxFileName::max);

	public LtxFileName {
		if (min.equals(Txid.ZERO) || max.isBefore(min)) {
			throw new IllegalArgumentException("an LTX file cannot hold " + min + " to " + max);
		}
	}

	public static LtxFileName of(Txid txid) {
		return new LtxFileName(txid, txid);
	}

	/**
	 * Read a file name.
	 * @param name the name, without a folder
	 * @return the range, empty when this is not the name of an LTX file
	 */
	public static Optional<LtxFileName> parse(String name) {
		if (name.length() != LENGTH || name.charAt(16) != '-' || !name.endsWith(SUFFIX)) {
			return Optional.empty();
		}
		try {
			return Optional.of(new LtxFileName(Txid.parse(name.substring(0, 16)), Txid.parse(name.substring(17, 33))));
		}
		catch (IllegalArgumentException ex) {
			return Optional.empty();
		}
	}

	/**
	 * Whether a file of this name is a snapshot, which needs no file before it.
	 * @return {@code true} when it begins with the first transaction
	 */
	public boolean isSnapshot() {
		return this.min.equals(Txid.FIRST);
	}

	public boolean contains(Txid txid) {
		return !txid.isBefore(this.min) && !txid.isAfter(this.max);
	}

	@Override
	public int compareTo(LtxFileName other) {
		return ORDER.compare(this, other);
	}

	@Override
	public String toString() {
		return this.min + "-" + this.max + SUFFIX;
	}

}
