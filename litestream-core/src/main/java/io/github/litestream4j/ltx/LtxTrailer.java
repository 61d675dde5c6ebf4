package io.github.litestream4j.ltx;

/**
 * The 16 bytes at the end of an LTX file.
 *
 * @param postApplyChecksum the database's checksum after the file is applied, or 0
 * @param fileChecksum the checksum of the file's content, bit 63 set
 */
public record LtxTrailer(long postApplyChecksum, long fileChecksum) {

	/** The trailer's length in bytes. */
	public static final int SIZE = 16;

	/**
	 * Check that there is a file checksum.
	 * @throws IllegalArgumentException when its bit 63 is not set
	 */
	public LtxTrailer {
		if (fileChecksum >= 0) {
			throw new IllegalArgumentException(
					"a file checksum must have its bit 63 set, but found " + Long.toHexString(fileChecksum));
		}
	}

	/**
	 * Whether a post-apply checksum can stand in a file of this header.
	 */
	static boolean fits(LtxHeader header, long postApplyChecksum) {
		return header.hasChecksums() ? postApplyChecksum < 0 : postApplyChecksum == 0;
	}

}
