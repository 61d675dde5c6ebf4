package io.github.litestream4j.replication;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;

import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.Content;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.testsupport.FaultyStorage;
import io.github.litestream4j.testsupport.FaultyStorage.Operation;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is staged is stored in order and once, whatever the storage does.
 */
class UploaderTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(20);

	@TempDir
	Path folder;

	private FileReplicaStorage stored;

	private FaultyStorage storage;

	private Staging staging;

	private Progress progress;

	private Uploader uploader;

	private final AtomicInteger idle = new AtomicInteger();

	private final List<Thread> threads = new ArrayList<>();

	@BeforeEach
	void prepare() throws Exception {
		this.stored = new FileReplicaStorage(this.folder.resolve("replica"));
		this.storage = new FaultyStorage(this.stored);
		this.staging = new Staging(this.folder.resolve("staging"));
		this.progress = new Progress(Txid.ZERO);
		this.uploader = TestUploaders.of(this.storage, this.staging, this.progress,
				new GenerationLog(this.storage, this.folder), this.idle::incrementAndGet, new Backoff());
	}

	@AfterEach
	void stop() throws Exception {
		this.storage.heal();
		this.uploader.stop();
		for (Thread thread : this.threads) {
			thread.interrupt();
			thread.join(TIMEOUT.toMillis());
			assertThat(thread.isAlive()).isFalse();
		}
	}

	@Test
	void storesWhatIsAddedAndEmptiesStaging() throws Exception {
		run();
		for (long txid = 1; txid <= 20; txid++) {
			this.uploader.add(staged(txid));
		}
		awaitStored(20);
		assertThat(stored()).containsExactly(LongStream.rangeClosed(1, 20).boxed().toArray(Long[]::new));
		for (long txid = 1; txid <= 20; txid++) {
			assertThat(bytes(txid)).isEqualTo(content(txid));
		}
		Awaitility.await().atMost(TIMEOUT).until(() -> this.staging.names().isEmpty());
		assertThat(this.uploader.isIdle()).isTrue();
		assertThat(this.uploader.bytes()).isZero();
		assertThat(this.uploader.oldest()).isNull();
	}

	@Test
	void nothingOvertakesAFileThatFails() throws Exception {
		this.storage.failNext(Operation.PUT_IF_ABSENT, 3);
		run();
		for (long txid = 1; txid <= 5; txid++) {
			this.uploader.add(staged(txid));
		}
		Awaitility.await().atMost(TIMEOUT).until(() -> this.storage.calls(Operation.PUT_IF_ABSENT) == 3);
		assertThat(stored()).isEmpty();
		assertThat(this.progress.failure()).contains("fails on demand");
		awaitStored(5);
		assertThat(stored()).containsExactly(1L, 2L, 3L, 4L, 5L);
		assertThat(this.progress.failure()).isNull();
		assertThat(this.storage.calls(Operation.PUT_IF_ABSENT)).isEqualTo(3 + 5);
	}

	@Test
	void aLostAnswerIsNoConflict() throws Exception {
		this.storage.loseAnswers(Operation.PUT_IF_ABSENT, 2);
		run();
		this.uploader.add(staged(1));
		this.uploader.add(staged(2));
		awaitStored(2);
		assertThat(this.progress.isFenced()).isFalse();
		assertThat(bytes(1)).isEqualTo(content(1));
		assertThat(bytes(2)).isEqualTo(content(2));
	}

	@Test
	void aLostAnswerIsNoConflictWhenTheComparisonFailsToo() throws Exception {
		this.storage.loseAnswers(Operation.PUT_IF_ABSENT, 1);
		this.storage.failNext(Operation.LIST, 1);
		this.storage.cutReads(1, 3);
		run();
		this.uploader.add(staged(1));
		awaitStored(1);
		assertThat(this.progress.isFenced()).isFalse();
	}

	@Test
	void otherBytesOfTheSameLengthFence() throws Exception {
		byte[] others = content(2);
		others[others.length - 1] ^= 1;
		assertFencedBy(others);
	}

	@Test
	void aLongerFileFences() throws Exception {
		assertFencedBy("another writer's file, which is longer".getBytes(StandardCharsets.US_ASCII));
	}

	private void assertFencedBy(byte[] others) throws Exception {
		this.stored.putIfAbsent(key(2), Content.of(others), Instant.EPOCH);
		run();
		for (long txid = 1; txid <= 3; txid++) {
			this.uploader.add(staged(txid));
		}
		Awaitility.await().atMost(TIMEOUT).until(this.progress::isFenced);
		assertThat(this.progress.failure()).contains("0000000000000002").contains("another writer");
		assertThat(this.progress.awaitReplicated(new Txid(2), System.nanoTime())).isFalse();
		assertThat(stored()).containsExactly(1L, 2L);
		assertThat(bytes(2)).isEqualTo(others);
		assertThat(this.progress.replicated()).isEqualTo(new Txid(1));
		assertThat(this.staging.names()).extracting(LtxFileName::min).contains(new Txid(2), new Txid(3));
	}

	@Test
	void stopKeepsWhatIsNotStoredAndReopenGoesOn() throws Exception {
		this.storage.failAlways(Operation.PUT_IF_ABSENT);
		Thread thread = run();
		this.uploader.add(staged(1));
		this.uploader.add(staged(2));
		Awaitility.await().atMost(TIMEOUT).until(() -> this.storage.calls(Operation.PUT_IF_ABSENT) > 1);
		this.uploader.stop();
		thread.join(TIMEOUT.toMillis());
		assertThat(thread.isAlive()).isFalse();
		assertThat(this.staging.names()).hasSize(2);
		this.storage.heal();
		this.uploader.reopen();
		run();
		awaitStored(2);
		assertThat(stored()).containsExactly(1L, 2L);
	}

	@Test
	void aThreadThatHungDoesNotSkipAFileOfTheNextOne() throws Exception {
		for (long txid = 1; txid <= 30; txid++) {
			this.uploader.add(staged(txid));
		}
		this.storage.hang(Operation.PUT_IF_ABSENT);
		Thread hanging = run();
		Awaitility.await().atMost(TIMEOUT).until(() -> this.storage.calls(Operation.PUT_IF_ABSENT) == 1);
		this.uploader.stop();
		this.uploader.reopen();
		run();
		Awaitility.await().atMost(TIMEOUT).until(() -> this.storage.calls(Operation.PUT_IF_ABSENT) == 2);
		this.storage.release(Operation.PUT_IF_ABSENT);
		awaitStored(30);
		hanging.join(TIMEOUT.toMillis());
		assertThat(hanging.isAlive()).as("two threads store at once").isFalse();
		assertThat(stored()).containsExactly(LongStream.rangeClosed(1, 30).boxed().toArray(Long[]::new));
	}

	@Test
	void aThreadThatHungLeavesStagingToTheNextStart() throws Exception {
		this.uploader.add(staged(1));
		this.storage.hang(Operation.PUT_IF_ABSENT);
		Thread hanging = run();
		Awaitility.await().atMost(TIMEOUT).until(() -> this.storage.calls(Operation.PUT_IF_ABSENT) == 1);
		this.uploader.stop();
		this.uploader.disown();
		this.storage.release(Operation.PUT_IF_ABSENT);
		hanging.join(TIMEOUT.toMillis());
		assertThat(stored()).containsExactly(1L);
		assertThat(this.staging.names()).as("another uploader may have it in hand").hasSize(1);
		assertThat(this.progress.replicated()).isEqualTo(Txid.ZERO);
	}

	@Test
	void tellsWhatWaitsAndSinceWhen() throws Exception {
		StagedFile first = staged(1);
		this.uploader.add(first);
		this.uploader.add(staged(2));
		assertThat(this.uploader.oldest()).isEqualTo(first.since());
		assertThat(this.uploader.bytes()).isEqualTo(content(1).length + content(2).length);
		assertThat(this.uploader.isIdle()).isFalse();
		run();
		awaitStored(2);
		Awaitility.await().atMost(TIMEOUT).until(() -> this.idle.get() > 0);
	}

	private Thread run() {
		Thread thread = new Thread(this.uploader, "uploader-" + this.threads.size());
		this.threads.add(thread);
		thread.start();
		return thread;
	}

	private void awaitStored(long txid) throws Exception {
		long deadline = System.nanoTime() + TIMEOUT.toNanos();
		assertThat(this.progress.awaitReplicated(new Txid(txid), deadline)).isTrue();
	}

	private StagedFile staged(long txid) throws Exception {
		return this.staging.write(new Txid(txid), Instant.ofEpochSecond(txid), content(txid), OptionalLong.empty(),
				1000 + txid);
	}

	private static byte[] content(long txid) {
		return ("transaction " + txid).getBytes(StandardCharsets.US_ASCII);
	}

	private byte[] bytes(long txid) throws Exception {
		int length = (int) this.stored.list(0).get((int) txid - 1).size();
		try (var in = this.stored.read(key(txid), 0, length)) {
			return in.readAllBytes();
		}
	}

	private static LtxKey key(long txid) {
		return new LtxKey(0, LtxFileName.of(new Txid(txid)));
	}

	private List<Long> stored() {
		return this.stored.list(0).stream().map((file) -> file.key().name().min().value()).toList();
	}

}
