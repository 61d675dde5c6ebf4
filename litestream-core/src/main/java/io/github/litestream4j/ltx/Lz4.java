package io.github.litestream4j.ltx;

import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;

/**
 * The LZ4 codecs in use.
 */
final class Lz4 {

	private static final LZ4Factory FACTORY = LZ4Factory.fastestInstance();

	static final LZ4Compressor COMPRESSOR = FACTORY.fastCompressor();

	/** Checks the bounds of input and output: the bytes may be anything. */
	static final LZ4SafeDecompressor DECOMPRESSOR = FACTORY.safeDecompressor();

	private Lz4() {
	}

	/** The most that a block of so many bytes can take. */
	static int bound(int length) {
		return length + length / 255 + 16;
	}

}
