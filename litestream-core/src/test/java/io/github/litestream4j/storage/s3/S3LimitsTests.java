package io.github.litestream4j.storage.s3;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class S3LimitsTests {

	private static final long MIB = 1 << 20;

	private static final long TIB = MIB << 20;

	private final S3Limits limits = S3Limits.DEFAULT;

	@Test
	void cutsAnyFileIntoEqualPartsThatS3Takes() {
		for (long length : new long[] { 64 * MIB, 80_000 * MIB, 80_000 * MIB + 1, TIB, 5 * TIB }) {
			int size = this.limits.partSizeOf(length);
			assertThat(size).isBetween((int) (5 * MIB), (int) (600 * MIB));
			assertThat((length + size - 1) / size).isLessThanOrEqualTo(S3Limits.MOST_PARTS);
		}
		assertThat(this.limits.partSizeOf(64 * MIB)).isEqualTo(8 * MIB);
		assertThat(this.limits.partSizeOf(80_000 * MIB)).isEqualTo(8 * MIB);
		assertThatIllegalArgumentException().isThrownBy(() -> this.limits.partSizeOf(Long.MAX_VALUE / 2));
	}

	@Test
	void growsPartsOfAFileWhoseLengthIsUnknown() {
		assertThat(this.limits.partSize(1)).isEqualTo((int) (8 * MIB));
		assertThat(this.limits.partSize(5_000)).isEqualTo((int) (8 * MIB));
		assertThat(this.limits.partSize(5_001)).isEqualTo((int) (32 * MIB));
		assertThat(this.limits.partSize(10_000)).isEqualTo((int) (128 * MIB));
		long most = 0;
		for (int number = 1; number <= S3Limits.MOST_PARTS; number++) {
			most += this.limits.partSize(number);
		}
		assertThat(most).isGreaterThan(400 * 1024 * MIB);
	}

	@Test
	void givesABodyTimeByItsSize() {
		assertThat(this.limits.timeout(0)).isEqualTo(Duration.ofSeconds(30));
		assertThat(this.limits.timeout(8 * MIB)).isEqualTo(Duration.ofSeconds(94));
	}

}
