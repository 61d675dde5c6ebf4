package io.github.litestream4j.benchmarks;

import java.nio.charset.StandardCharsets;
import java.util.Random;

/**
 * Pages that look like those of tables: short texts from a small vocabulary between
 * random keys, a third of each page empty. LZ4 takes them to about half.
 */
final class Pages {

	private static final String[] WORDS = { "commit", "replica", "note", "invoice", "customer", "address", "active",
			"pending", "2026-11-23T10:00:00Z", "example.org", "the", "and" };

	private Pages() {
	}

	static byte[] of(int pageSize, long seed) {
		Random random = new Random(seed);
		byte[] page = new byte[pageSize];
		int at = pageSize / 3;
		while (at < pageSize) {
			byte[] piece = new byte[10];
			if (random.nextInt(5) < 3) {
				piece = WORDS[random.nextInt(WORDS.length)].getBytes(StandardCharsets.US_ASCII);
			}
			else {
				random.nextBytes(piece);
			}
			int length = Math.min(piece.length, pageSize - at);
			System.arraycopy(piece, 0, page, at, length);
			at += length;
		}
		return page;
	}

}
