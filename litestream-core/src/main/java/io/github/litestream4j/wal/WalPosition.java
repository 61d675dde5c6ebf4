package io.github.litestream4j.wal;

/**
 * A place between two frames of one run of a WAL. The checksum is the WAL's running one,
 * so two equal positions have the same frames before them.
 *
 * @param salt1 the run's first salt
 * @param salt2 the run's second salt
 * @param offset the end of the frame before, in bytes from the WAL's start; 32 before the
 * first
 * @param checksum1 first half of the checksum at the end of that frame
 * @param checksum2 second half
 */
public record WalPosition(int salt1, int salt2, long offset, int checksum1, int checksum2) {

	public boolean isSameRun(int salt1, int salt2) {
		return this.salt1 == salt1 && this.salt2 == salt2;
	}

	@Override
	public String toString() {
		return "WAL %08x%08x at %d".formatted(this.salt1, this.salt2, this.offset);
	}

}
