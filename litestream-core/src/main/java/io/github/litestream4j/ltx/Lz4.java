package io.github.litestream4j.ltx;

import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The LZ4 codecs in use.
 */
final class Lz4 {

	private static final Logger logger = LoggerFactory.getLogger(Lz4.class);

	private static final LZ4Factory FACTORY = factory();

	static final LZ4Compressor COMPRESSOR = FACTORY.fastCompressor();

	/** Checks the bounds of input and output: the bytes may be anything. */
	static final LZ4SafeDecompressor DECOMPRESSOR = FACTORY.safeDecompressor();

	private Lz4() {
	}

	/**
	 * The native codecs, which compress three times and decompress nine times as fast as
	 * those in Java. The library's own choice takes them only from the system class
	 * loader, which an executable jar of Spring Boot does not use.
	 */
	private static LZ4Factory factory() {
		try {
			return LZ4Factory.nativeInstance();
		}
		catch (LinkageError | AssertionError ex) {
			logger.warn("LZ4 runs in Java and is several times slower: its native library does not load here, "
					+ "maybe because java.io.tmpdir does not allow it to be run", ex);
			return LZ4Factory.fastestJavaInstance();
		}
	}

	/** The most that a block of so many bytes can take. */
	static int bound(int length) {
		return length + length / 255 + 16;
	}

}
