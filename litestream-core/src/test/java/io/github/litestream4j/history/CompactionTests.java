package io.github.litestream4j.history;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.LtxHeader;
import io.github.litestream4j.scratch.ScratchFolder;
import io.github.litestream4j.storage.Content;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.testsupport.FaultyStorage;
import io.github.litestream4j.testsupport.FaultyStorage.Operation;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class CompactionTests {

	private static final Duration SECONDS_30 = Duration.ofSeconds(30);

	private static final Duration MINUTES_5 = Duration.ofMinutes(5);

	@TempDir
	Path folder;

	private final TestClock clock = new TestClock();

	private FaultyStorage storage;

	private TestHistory history;

	private Path scratch;

	@BeforeEach
	void prepare() throws IOException {
		this.storage = new FaultyStorage(new FileReplicaStorage(this.folder.resolve("replica")));
		this.history = new TestHistory(this.storage, 1);
		this.scratch = Files.createDirectories(this.folder.resolve("scratch"));
	}

	@AfterEach
	void leavesNoTemporaryFile() {
		assertThat(this.scratch).isEmptyDirectory();
	}

	@Test
	void f56MergesRightAfterTheStartWhatIsThere() throws Exception {
		this.history.commit(5);
		Compaction compaction = compaction();
		assertThat(compaction.due()).isEqualTo(this.clock.instant());
		compaction.run();
		assertThat(this.history.listed(1)).containsExactly("2-6");
		// Level 2 has something to merge from now on only
		assertThat(this.history.listed(2)).isEmpty();
		assertThat(compaction.due()).isEqualTo(this.clock.instant().plus(MINUTES_5));
		this.history.assertRestores(this.folder, 2, 4, 6);
	}

	@Test
	void f56WhatWasMergedBeforeTheStartIsNotMergedAgain() throws Exception {
		this.history.commit(5);
		Compaction first = compaction();
		for (int level = 1; level <= 3; level++) {
			first.run();
			assertThat(this.history.listed(level)).containsExactly("2-6");
			this.clock.forward(Duration.ofHours(1));
		}
		int calls = this.storage.calls();
		assertThat(compaction().due()).isEqualTo(Instant.MAX);
		assertThat(this.storage.calls()).isEqualTo(calls);
	}

	@Test
	void waitsFromTheFirstFileThatIsNotMergedAndCostsNothingMeanwhile() throws Exception {
		Compaction compaction = compaction();
		assertThat(compaction.due()).isEqualTo(Instant.MAX);
		this.clock.forward(Duration.ofHours(1));
		assertThat(compaction.due()).isEqualTo(Instant.MAX);
		this.history.commit(1);
		int calls = this.storage.calls();
		Instant due = this.clock.instant().plus(SECONDS_30);
		assertThat(compaction.due()).isEqualTo(due);
		this.clock.forward(Duration.ofSeconds(20));
		this.history.commit(1);
		assertThat(compaction.due()).isEqualTo(due);
		assertThat(this.storage.calls()).isEqualTo(calls + 1);
		compaction.run();
		assertThat(this.history.listed(1)).isEmpty();
		this.clock.forward(Duration.ofSeconds(10));
		compaction.run();
		assertThat(this.history.listed(1)).containsExactly("2-3");
		assertThat(compaction.due()).isEqualTo(this.clock.instant().plus(MINUTES_5));
	}

	@Test
	void aClockThatIsPutBackPutsNoMergeOff() throws Exception {
		Compaction compaction = compaction();
		this.history.commit(1);
		compaction.due();
		this.clock.forward(Duration.ofDays(-30));
		assertThat(compaction.due()).isEqualTo(this.clock.instant().plus(SECONDS_30));
		this.clock.forward(SECONDS_30);
		compaction.run();
		assertThat(this.history.listed(1)).containsExactly("2-2");
	}

	@Test
	void eachLevelIsMadeOfTheOneBelowTheLowestFirst() throws Exception {
		Compaction compaction = compaction();
		for (int i = 0; i < 120; i++) {
			this.history.commit(3);
			compaction.due();
			this.clock.forward(SECONDS_30);
			compaction.run();
		}
		assertThat(this.history.listed(1)).hasSize(120).startsWith("2-4", "5-7");
		assertThat(this.history.listed(2)).hasSizeBetween(10, 12);
		assertThat(compaction.due()).isBeforeOrEqualTo(this.clock.instant().plus(MINUTES_5));
		this.clock.forward(Duration.ofHours(1));
		compaction.run();
		assertThat(this.history.listed(3)).hasSizeBetween(1, 2).last().asString().endsWith("-361");
		this.history.deleteLevel0();
		this.history.assertRestores(this.folder, 4, 7, 361);
	}

	@Test
	void f35TimeAndChecksumAreThoseOfTheNewestInput() throws Exception {
		this.history.commit(5);
		compaction().run();
		StoredFile merged = this.history.stored(1, 2, 6);
		assertThat(this.storage.timestamp(merged)).isEqualTo(TestHistory.time(6));
		assertThat(this.storage.databaseChecksum(merged)).isEqualTo(OptionalLong.of(this.history.checksum(6)));
	}

	@Test
	void nothingIsMergedAcrossAGap() throws Exception {
		this.history.commit(4);
		this.history.newHistory();
		this.history.commit(3);
		Compaction compaction = compaction();
		compaction.run();
		assertThat(this.history.listed(1)).containsExactly("2-5", "8-10");
		this.clock.forward(MINUTES_5);
		compaction.run();
		assertThat(this.history.listed(2)).containsExactly("2-5", "8-10");
		this.history.deleteLevel0();
		this.history.assertRestores(this.folder, 5, 7, 10);
	}

	@Test
	void nothingIsMergedAcrossASnapshotThoughAnotherWritersFileFillsTheGap() throws Exception {
		this.history.commit(4);
		this.history.newHistory();
		this.history.commit(3);
		// What a writer of the old history stored late, where the new one begins
		TestHistory other = new TestHistory(new FileReplicaStorage(this.folder.resolve("other")), 2);
		for (long txid = 6; txid <= 7; txid++) {
			this.history.index().add(copy(other, txid), 1);
		}
		for (StoredFile file : this.storage.list(0)) {
			this.history.index().add(file);
		}
		compaction().run();
		assertThat(this.history.listed(1)).containsExactly("2-7", "8-10");
		this.history.assertRestores(this.folder, 5, 7, 8, 10);
	}

	private LtxKey copy(TestHistory other, long txid) {
		var key = TestHistory.key(0, txid, txid);
		byte[] bytes = TestPages.file(key.name(), 10, TestHistory.time(txid), other.pages());
		this.storage.putIfAbsent(key, Content.of(bytes), TestHistory.time(txid));
		return key;
	}

	@Test
	void aBaseImageStaysWhereItIs() throws Exception {
		// As Litestream begins a history
		ReplicaStorage storage = new FileReplicaStorage(this.folder.resolve("litestream"));
		TestHistory history = new TestHistory(storage, 3);
		history.put(0, 1, 1, history.pages());
		storage.delete(List.of(TestHistory.key(9, 1, 1)));
		history.index().remove(List.of(TestHistory.key(9, 1, 1)));
		history.commit(5);
		Compaction compaction = compaction(storage, history, LocalFilesFor.NONE);
		compaction.run();
		this.clock.forward(MINUTES_5);
		compaction.run();
		assertThat(history.listed(1)).containsExactly("2-6");
		assertThat(history.listed(2)).containsExactly("2-6");
		history.assertRestores(this.folder, 1, 2, 6);
		storage.delete(List.of(TestHistory.key(0, 2, 2), TestHistory.key(0, 3, 3), TestHistory.key(0, 4, 4)));
		history.assertRestores(this.folder, 6);
	}

	@Test
	void f39OverlappingAndCoveredFilesAreMergedOnce() throws Exception {
		this.history.commit(4);
		Compaction compaction = compaction();
		compaction.run();
		this.history.commit(4);
		// As a crash, and a retry with another beginning, left it
		try (MergedFile merged = LtxMerge.merge(inputs(4, 7), new ScratchFolder(this.scratch))) {
			var key = TestHistory.key(1, 4, 7);
			this.storage.putIfAbsent(key, merged, merged.time());
			this.history.index().add(key, merged.length());
		}
		assertThat(compaction.due()).isEqualTo(this.clock.instant().plus(SECONDS_30));
		this.clock.forward(MINUTES_5);
		compaction.run();
		assertThat(this.history.listed(1)).containsExactly("2-5", "4-7", "8-9");
		assertThat(this.history.listed(2)).containsExactly("2-9");
		this.history.deleteLevel0();
		this.history.assertRestores(this.folder, 5, 7, 9);
		// Only level 3 is left
		assertThat(compaction.due()).isEqualTo(this.clock.instant().plus(Duration.ofHours(1)));
	}

	private List<InputFile> inputs(long from, long to) {
		List<InputFile> inputs = new ArrayList<>();
		for (long txid = from; txid <= to; txid++) {
			inputs.add(new InputFile(this.history.stored(0, txid, txid), this.storage, LocalFilesFor.NONE,
					new ScratchFolder(this.scratch)));
		}
		return inputs;
	}

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
	void f52WhatIsHereIsNotFetched() throws Exception {
		this.history.commit(5);
		LocalFilesFor local = new LocalFilesFor(this.folder.resolve("replica/ltx/0"));
		int reads = this.storage.calls(Operation.READ);
		compaction(this.storage, this.history, local).run();
		// The one that reads the merged file back
		assertThat(this.storage.calls(Operation.READ)).isEqualTo(reads + 1);
		assertThat(this.history.listed(1)).containsExactly("2-6");
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

	private Path path(int level, long min, long max) {
		return this.folder.resolve("replica/ltx/" + level + "/" + TestHistory.key(level, min, max).name());
	}

	private Compaction compaction() {
		return compaction(this.storage, this.history, LocalFilesFor.NONE);
	}

	private Compaction compaction(ReplicaStorage storage, TestHistory history, LocalFiles local) {
		return new Compaction(storage, history.index(), local, new ScratchFolder(this.scratch),
				List.of(SECONDS_30, MINUTES_5, Duration.ofHours(1)), this.clock);
	}

	/**
	 * The files in a folder.
	 */
	private record LocalFilesFor(Path folder) implements LocalFiles {

		static final LocalFiles NONE = (name) -> Optional.empty();

		@Override
		public Optional<Content> find(LtxFileName name) throws IOException {
			Path path = this.folder.resolve(name.toString());
			return Files.exists(path) ? Optional.of(Content.of(path, Files.size(path))) : Optional.empty();
		}

	}

}
