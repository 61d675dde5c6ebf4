package io.github.litestream4j.storage;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.testsupport.FaultyStorage;
import io.github.litestream4j.testsupport.FaultyStorage.Operation;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

@Timeout(60)
class ResumedInputTests {

	private static final LtxKey KEY = new LtxKey(0, LtxFileName.of(Txid.FIRST));

	private static final int SIZE = 100_000;

	private final byte[] bytes = new byte[SIZE];

	private final List<Long> positions = new ArrayList<>();

	private FaultyStorage storage;

	@BeforeEach
	void store(@TempDir Path folder) {
		new Random(1).nextBytes(this.bytes);
		this.storage = new FaultyStorage(new FileReplicaStorage(folder));
		this.storage.putIfAbsent(KEY, Content.of(this.bytes), Instant.EPOCH);
	}

	@Test
	void asksForNothingBeforeItIsRead() throws IOException {
		try (InputStream in = open(SIZE)) {
			assertThat(this.positions).isEmpty();
			assertThat(in.readAllBytes()).isEqualTo(this.bytes);
			assertThat(in.read()).isEqualTo(-1);
		}
		assertThat(this.positions).containsExactly(0L);
	}

	@Test
	void goesOnWhereARequestEndedHoweverOftenItDoes() throws IOException {
		this.storage.cutReads(4, 20_000);
		try (InputStream in = open(SIZE)) {
			assertThat(in.read()).isEqualTo(Byte.toUnsignedInt(this.bytes[0]));
			assertThat(in.readAllBytes()).isEqualTo(Arrays.copyOfRange(this.bytes, 1, SIZE));
		}
		assertThat(this.positions).containsExactly(0L, 20_000L, 40_000L, 60_000L, 80_000L);
	}

	@Test
	void givesUpWhenNothingComesThreeTimesInARow() throws IOException {
		this.storage.failNext(Operation.READ, 2);
		try (InputStream in = open(SIZE)) {
			assertThat(in.readNBytes(10)).hasSize(10);
		}
		this.storage.failNext(Operation.READ, 3);
		try (InputStream in = open(SIZE)) {
			assertThatExceptionOfType(StorageUnavailableException.class).isThrownBy(in::read)
				.withMessageContainingAll("Reading the file failed 3 times in a row", "READ fails on demand");
		}
	}

	@Test
	void aFileThatIsShorterThanItWasIsNoEnd() throws IOException {
		try (InputStream in = open(SIZE + 1)) {
			assertThat(in.readNBytes(SIZE)).isEqualTo(this.bytes);
			assertThatExceptionOfType(StorageUnavailableException.class).isThrownBy(in::read)
				.withMessageContaining("it ended after 100000 of 100001 bytes");
		}
	}

	@Test
	void keepsTheInterruptOfAThread() throws IOException {
		this.storage.failAlways(Operation.READ);
		Thread.currentThread().interrupt();
		try (InputStream in = open(SIZE)) {
			assertThatExceptionOfType(LitestreamException.class).isThrownBy(in::read)
				.withMessage("The reading of the file was interrupted");
			assertThat(Thread.interrupted()).isTrue();
		}
	}

	private InputStream open(int size) {
		return new ResumedInput("the file", size, 3, Duration.ZERO) {

			@Override
			protected InputStream open(long position) {
				ResumedInputTests.this.positions.add(position);
				return ResumedInputTests.this.storage.read(KEY, position, SIZE - position);
			}

		};
	}

}
