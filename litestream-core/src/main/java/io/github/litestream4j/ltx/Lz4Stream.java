package io.github.litestream4j.ltx;

import java.io.IOException;
import java.io.InputStream;

import net.jpountz.lz4.LZ4FrameInputStream;
import net.jpountz.xxhash.XXHashFactory;

/**
 * Decompresses LZ4 frames of any length.
 */
public final class Lz4Stream {

	private Lz4Stream() {
	}

	/**
	 * The content of the frames that a stream consists of, one after the other; their
	 * checksums are checked.
	 * @param in the frames, at least one; closed with the result
	 * @return their content; reading it fails with an {@link IOException} or a
	 * {@link RuntimeException} where the bytes are no frame
	 * @throws IOException when the stream does not begin with a frame
	 */
	public static InputStream of(InputStream in) throws IOException {
		return new LZ4FrameInputStream(in, Lz4.DECOMPRESSOR, XXHashFactory.fastestInstance().hash32());
	}

}
