package io.github.litestream4j.history;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.ltx.LtxHeader;
import io.github.litestream4j.scratch.ScratchFolder;
import io.github.litestream4j.storage.Content;
import io.github.litestream4j.storage.FileAttributes;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;
import io.github.litestream4j.testsupport.FaultyStorage.Operation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Merging while the storage fails, and over what is damaged, gone, or stored wrong.
 */
class CompactionFaultTests extends AbstractCompactionTests {

	@Test
	void anOutageIsTriedAgainWhateverIsLost() throws Exception {
		this.history.commit(5);
		for (Operation operation : List.of(Operation.READ, Operation.PUT_IF_ABSENT, Operation.TIMESTAMP)) {
			Compaction compaction = compaction();
			this.storage.failAlways(operation);
			assertThatExceptionOfType(StorageUnavailableException.class).isThrownBy(compaction::run);
			assertThat(compaction.due()).isEqualTo(this.clock.instant());
			assertThat(this.history.index().level(1)).isEmpty();
			this.storage.heal();
		}
		Compaction compaction = compaction();
		this.storage.cutReads(1, 20);
		assertThatExceptionOfType(IOException.class).isThrownBy(compaction::run)
			.withMessageContaining("the connection breaks");
		this.storage.loseAnswers(Operation.PUT_IF_ABSENT, 1);
		assertThatExceptionOfType(StorageUnavailableException.class).isThrownBy(compaction::run);
		assertThat(this.history.index().level(1)).isEmpty();
		compaction.run();
		assertThat(this.history.index().level(1)).hasSize(1);
		assertThat(compaction.due()).isAfter(this.clock.instant());
		this.history.deleteLevel0();
		this.history.assertRestores(this.folder, 6);
	}

	@Test
	void f52WhatIsDamagedOrGoneHereIsFetched() throws Exception {
		this.history.commit(200);
		Path copies = Files.createDirectory(this.folder.resolve("copies"));
		for (long txid = 2; txid <= 201; txid += 2) {
			byte[] bytes = Files.readAllBytes(path(0, txid, txid));
			bytes[bytes.length - 1] ^= (byte) ((txid == 150) ? 1 : 0);
			Files.write(copies.resolve(path(0, txid, txid).getFileName()), bytes);
		}
		compaction(this.storage, this.history, new LocalFilesFor(copies)).run();
		assertThat(this.history.listed(1)).containsExactly("2-201");
		this.history.deleteLevel0();
		this.history.assertRestores(this.folder, 201);
	}

	@Test
	void whatWasStoredThereBeforeCountsWhenItHoldsTheSamePages() throws Exception {
		this.history.commit(5);
		// Of a process that was killed before it knew; and of another program
		for (Instant time : List.of(TestHistory.time(6), TestHistory.time(7))) {
			byte[] bytes = merged(2, 6, time);
			Files.createDirectories(path(1, 2, 6).getParent());
			Files.write(path(1, 2, 6), bytes);
			Compaction compaction = compaction();
			compaction.run();
			assertThat(path(1, 2, 6)).hasBinaryContent(bytes);
			assertThat(this.history.index().level(1)).hasSize(1);
			this.history.index().remove(List.of(TestHistory.key(1, 2, 6)));
		}
	}

	@Test
	void whatWasStoredThereBeforeIsReplacedWhenItIsWrong() throws Exception {
		this.history.commit(5);
		byte[] right = merged(2, 6, TestHistory.time(6));
		byte[] damaged = right.clone();
		damaged[right.length / 2] ^= 0x55;
		byte[] otherPages = TestPages.file(TestHistory.key(1, 2, 6).name(), this.history.pages().lastKey(),
				TestHistory.time(6), this.history.pages());
		byte[] otherSize = TestPages.file(TestHistory.key(1, 2, 6).name(), 100, TestHistory.time(6),
				this.history.pages());
		byte[] otherRange = TestPages.file(TestHistory.key(1, 3, 6).name(), this.history.pages().lastKey(),
				TestHistory.time(6), this.history.pages());
		for (byte[] wrong : List.of(damaged, otherPages, otherSize, otherRange, new byte[0],
				Arrays.copyOf(right, right.length - 1))) {
			Files.createDirectories(path(1, 2, 6).getParent());
			Files.write(path(1, 2, 6), wrong);
			Compaction compaction = compaction();
			compaction.run();
			assertThat(path(1, 2, 6)).hasBinaryContent(right);
			StoredFile stored = this.history.index().level(1).get(0);
			assertThat(stored.size()).isEqualTo(right.length);
			assertThat(this.storage.databaseChecksum(stored)).hasValue(this.history.checksum(6));
			assertThat(this.storage.timestamp(stored)).isEqualTo(TestHistory.time(6));
			this.history.index().remove(List.of(stored.key()));
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void theChecksumOfWhatIsReplacedGoesWithIt(boolean known) throws Exception {
		this.history.commit(5);
		if (!known) {
			Files.delete(this.folder.resolve("replica/meta/checksums/0/" + TestHistory.key(0, 6, 6).name()));
		}
		byte[] wrong = TestPages.file(TestHistory.key(1, 2, 6).name(), 100, TestHistory.time(6), this.history.pages());
		this.storage.putIfAbsent(TestHistory.key(1, 2, 6), Content.of(wrong),
				new FileAttributes(TestHistory.time(6), OptionalLong.of(-77)));
		compaction().run();
		StoredFile stored = this.history.stored(1, 2, 6);
		assertThat(this.storage.databaseChecksum(stored))
			.isEqualTo(known ? OptionalLong.of(this.history.checksum(6)) : OptionalLong.empty());
		this.history.deleteLevel0();
		this.history.assertRestores(this.folder, 6);
	}

	private byte[] merged(long from, long to, Instant time) throws Exception {
		try (MergedFile merged = LtxMerge.merge(inputs(from, to), new ScratchFolder(this.scratch))) {
			TreeMap<Long, byte[]> pages = new TreeMap<>();
			LtxHeader header = TestPages.apply(merged.open().readAllBytes(), pages);
			return TestPages.file(merged.range(), header.commit(), time, pages);
		}
	}

	@Test
	void whatIsStoredOtherThanItWasSentDoesNotCountAndIsStoredAgain() throws Exception {
		this.history.commit(5);
		ReplicaStorage flipping = flippingFirstPut();
		Compaction compaction = compaction(flipping, this.history, LocalFilesFor.NONE);
		assertThatExceptionOfType(CorruptDataException.class).isThrownBy(compaction::run)
			.withMessageContaining(TestHistory.key(1, 2, 6).toString())
			.withMessageContaining("does not count");
		assertThat(this.history.index().level(1)).isEmpty();
		assertThat(compaction.due()).isEqualTo(this.clock.instant());
		compaction.run();
		assertThat(this.history.index().level(1)).hasSize(1);
		this.history.deleteLevel0();
		this.history.assertRestores(this.folder, 6);
	}

	/** A storage that stores one bit of the first file wrong. */
	private ReplicaStorage flippingFirstPut() {
		AtomicBoolean first = new AtomicBoolean(true);
		return (ReplicaStorage) Proxy.newProxyInstance(getClass().getClassLoader(),
				new Class<?>[] { ReplicaStorage.class }, (proxy, method, arguments) -> {
					if (method.getName().equals("putIfAbsent") && first.getAndSet(false)) {
						try (InputStream in = ((Content) arguments[1]).open()) {
							byte[] bytes = in.readAllBytes();
							bytes[bytes.length / 2] ^= 1;
							arguments[1] = Content.of(bytes);
						}
					}
					return method.invoke(this.storage, arguments);
				});
	}

	@Test
	void f52ADamagedFileIsNamedAndStaysAHoleInEveryLevel() throws Exception {
		this.history.commit(9);
		flip(path(0, 5, 5));
		Compaction compaction = compaction();
		assertFails(compaction, TestHistory.key(0, 5, 5).toString(), "damaged", "Take a snapshot");
		assertThat(this.history.listed(1)).containsExactly("2-4", "6-10");
		// Nothing is read again before it is time, and the rest goes on
		this.history.commit(2);
		assertThat(compaction.due()).isEqualTo(this.clock.instant().plus(SECONDS_30));
		this.clock.forward(MINUTES_5);
		assertFails(compaction, TestHistory.key(0, 5, 5).toString());
		assertThat(this.history.listed(1)).containsExactly("2-4", "6-10", "11-12");
		assertThat(this.history.listed(2)).containsExactly("2-4", "6-12");
		this.history.assertRestores(this.folder, 4);
		int calls = this.storage.calls();
		assertFails(compaction);
		assertThat(this.storage.calls()).isEqualTo(calls);
		// A snapshot makes up for it
		this.history.snapshot();
		compaction.run();
		this.history.commit(3);
		compaction.due();
		this.clock.forward(MINUTES_5);
		compaction.run();
		assertThat(this.history.listed(1)).containsExactly("2-4", "6-10", "11-12", "13-15");
		this.history.assertRestores(this.folder, 4, 12, 15);
	}

	@Test
	void aDamagedFileThatIsPutBackIsMergedIntoTheHole() throws Exception {
		this.history.commit(9);
		flip(path(0, 5, 5));
		Compaction compaction = compaction();
		assertFails(compaction);
		assertThat(compaction.due()).isEqualTo(this.clock.instant().plus(MINUTES_5));
		this.clock.forward(MINUTES_5);
		assertFails(compaction);
		flip(path(0, 5, 5));
		assertThat(compaction.due()).isEqualTo(this.clock.instant().plus(MINUTES_5));
		this.clock.forward(MINUTES_5);
		compaction.run();
		assertThat(this.history.listed(1)).containsExactly("2-4", "5-5", "6-10");
		this.history.deleteLevel0();
		this.history.assertRestores(this.folder, 10);
	}

	@Test
	void f52AFileThatIsGoneOrCutIsNamed() throws Exception {
		this.history.commit(9);
		Files.delete(path(0, 5, 5));
		byte[] bytes = Files.readAllBytes(path(0, 7, 7));
		Files.write(path(0, 7, 7), Arrays.copyOf(bytes, bytes.length - 1));
		Compaction compaction = compaction();
		assertFails(compaction, "0000000000000005.ltx", "1 other file");
		assertThat(this.history.listed(1)).containsExactly("2-4", "6-6", "8-10");
		this.history.snapshot();
		compaction.run();
	}

	@Test
	void aMergedFileThatIsDamagedIsMadeAgainAsLongAsItsInputsAreThere() throws Exception {
		this.history.commit(9);
		Compaction compaction = compaction();
		compaction.run();
		byte[] right = Files.readAllBytes(path(1, 2, 10));
		flip(path(1, 2, 10));
		this.clock.forward(MINUTES_5);
		compaction.run();
		assertThat(this.history.listed(2)).containsExactly("2-10");
		assertThat(path(1, 2, 10)).hasBinaryContent(right);
		assertThat(path(2, 2, 10)).hasBinaryContent(right);
	}

	private void assertFails(Compaction compaction, String... parts) {
		var failure = assertThatExceptionOfType(CorruptDataException.class).isThrownBy(compaction::run);
		for (String part : parts) {
			failure.withMessageContaining(part);
		}
	}

	private static void flip(Path file) throws IOException {
		byte[] bytes = Files.readAllBytes(file);
		bytes[bytes.length - 1] ^= 1;
		Files.write(file, bytes);
	}

}
