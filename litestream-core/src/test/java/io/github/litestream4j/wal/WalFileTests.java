package io.github.litestream4j.wal;

import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

import io.github.litestream4j.CorruptDataException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * What is read of a WAL, and what is refused.
 */
class WalFileTests {

	private static final int FRAME = 24 + 512;

	private static final int MANY = 1 << 20;

	@TempDir
	Path folder;

	@Test
	void keepsTheNewestImageOfEachPage() throws Exception {
		WalBuilder wal = builder().frame(2, 0, 1).frame(1, 2, 2).frame(2, 0, 3).frame(2, 2, 4);
		try (WalFile file = open(wal)) {
			WalBatch batch = file.read(file.header(), file.header().start(), wal.position().offset(), MANY, null);
			assertThat(WalBuilder.pages(batch)).isEqualTo(wal.pages(0, 4)).hasSize(2);
			assertThat(batch.end()).isEqualTo(wal.position());
			assertThat(batch.commit()).isEqualTo(2);
		}
	}

	@Test
	void f09LeavesOutPagesThatTheDatabaseLost() throws Exception {
		WalBuilder wal = builder().frame(9, 0, 1).frame(3, 9, 2).frame(1, 3, 3);
		try (WalFile file = open(wal)) {
			WalBatch batch = file.read(file.header(), file.header().start(), wal.position().offset(), MANY, null);
			assertThat(WalBuilder.pages(batch)).containsOnlyKeys(1L, 3L);
		}
	}

	@Test
	void doesNotReadAFrameAfterTheLastCommit() throws Exception {
		WalBuilder wal = builder().frame(1, 1, 1).frame(2, 0, 2).frame(1, 0, 3);
		try (WalFile file = open(wal)) {
			WalBatch batch = file.read(file.header(), file.header().start(), wal.position().offset(), MANY, null);
			assertThat(WalBuilder.pages(batch)).isEqualTo(wal.pages(0, 1));
			assertThat(batch.end()).isEqualTo(wal.frames().get(0).end());
		}
	}

	@Test
	void pageNumbersAreUnsigned() throws Exception {
		long[] numbers = { 1, 0x7fffffffL, 0x80000000L, 0x80000001L, 0xfffffffeL, 0xffffffffL };
		WalBuilder wal = builder();
		for (int i = numbers.length - 1; i >= 0; i--) {
			wal.frame(numbers[i], (i == 0) ? 0xffffffffL : 0, i);
		}
		try (WalFile file = open(wal)) {
			WalBatch batch = file.read(file.header(), file.header().start(), wal.position().offset(), MANY, null);
			assertThat(batch.commit()).isEqualTo(0xffffffffL);
			assertThat(WalBuilder.pages(batch)).isEqualTo(wal.pages(0, numbers.length)).hasSize(numbers.length);
		}
	}

	@Test
	void everyChangedByteOfWhatIsCommittedIsFound() throws Exception {
		for (boolean bigEndian : new boolean[] { false, true }) {
			WalBuilder wal = new WalBuilder(bigEndian, 512, 0x11223344, 0x55667788).frame(1, 0, 1)
				.frame(2, 2, 2)
				.frame(2, 2, 3);
			long committed = wal.position().offset();
			byte[] sound = wal.frame(1, 2, 4).frame(2, 0, 5).bytes();
			long end = committed + FRAME;
			try (WalFile file = open(sound); RandomAccessFile mutator = new RandomAccessFile(file.toString(), "rw")) {
				WalPosition start = file.header().start();
				for (int i = 0; i < end; i++) {
					change(mutator, i, sound[i] ^ (1 << (i % 8)));
					assertThat(isSound(file, start, end)).as("byte %d, big-endian %s", i, bigEndian).isFalse();
					change(mutator, i, sound[i]);
				}
				assertThat(isSound(file, start, end)).isTrue();
			}
		}
	}

	private static void change(RandomAccessFile file, int offset, int value) throws Exception {
		file.seek(offset);
		file.write(value);
	}

	private static boolean isSound(WalFile file, WalPosition start, long end) throws Exception {
		try {
			return file.read(file.header(), start, end, MANY, null).end().offset() == end;
		}
		catch (CorruptDataException ex) {
			return false;
		}
	}

	@Test
	void aChangedByteBeyondTheEndIsNoneOfItsBusiness() throws Exception {
		WalBuilder wal = builder().frame(1, 0, 1).frame(2, 2, 2);
		long end = wal.position().offset();
		byte[] sound = wal.frame(1, 2, 3).bytes();
		for (int i = (int) end; i < sound.length; i++) {
			sound[i] ^= 1;
		}
		try (WalFile file = open(sound)) {
			WalBatch batch = file.read(file.header(), file.header().start(), end, MANY, null);
			assertThat(WalBuilder.pages(batch)).isEqualTo(wal.pages(0, 2));
		}
	}

	@Test
	void f21WhatWasCheckedIsWhatIsGivenWhateverHappensToTheFile() throws Exception {
		WalBuilder wal = builder().frame(1, 0, 1).frame(2, 2, 2);
		try (WalFile file = open(wal)) {
			WalBatch batch = file.read(file.header(), file.header().start(), wal.position().offset(), MANY, null);
			open(new WalBuilder(true, 512, 0x01020305, 99).frame(2, 0, 7).frame(1, 2, 8)).close();
			assertThat(WalBuilder.pages(batch)).isEqualTo(wal.pages(0, 2));
		}
	}

	@Test
	void f21AFrameThatChangesBetweenTheTwoReadingsOfALongTransactionIsFound() throws Exception {
		WalBuilder wal = builder();
		for (int i = 1; i <= 8; i++) {
			wal.frame(i, (i == 8) ? 8 : 0, i);
		}
		Path path = this.folder.resolve("test-wal");
		try (WalFile file = open(wal)) {
			WalBatch batch = file.read(file.header(), file.header().start(), wal.position().offset(), 2 * FRAME, null);
			assertThat(WalBuilder.pages(batch)).isEqualTo(wal.pages(0, 8));
			try (RandomAccessFile writer = new RandomAccessFile(path.toFile(), "rw")) {
				writer.seek(32 + 5 * FRAME + 300);
				writer.write(wal.frames().get(5).content()[300 - 24] ^ 0x10);
			}
			WalBatch.Pages pages = batch.pages();
			for (int i = 1; i <= 5; i++) {
				assertThat(pages.next()).isTrue();
				pages.read(new byte[512]);
			}
			assertThat(pages.next()).isTrue();
			assertThatExceptionOfType(CorruptDataException.class).isThrownBy(() -> pages.read(new byte[512]));
		}
	}

	@Test
	void aTruncatedFileIsFoundWhereverItIsCut() throws Exception {
		WalBuilder wal = builder().frame(1, 0, 1).frame(2, 0, 2).frame(3, 3, 3);
		byte[] whole = wal.bytes();
		for (int length = 0; length < whole.length; length += 37) {
			try (WalFile file = open(Arrays.copyOf(whole, length))) {
				for (int limit : new int[] { FRAME, MANY }) {
					assertThatExceptionOfType(CorruptDataException.class).as("length %d", length)
						.isThrownBy(() -> file.read(file.header(), file.header().start(), whole.length, limit, null))
						.withMessageContaining("ends at " + length);
				}
			}
		}
	}

	@Test
	void aTransactionWithoutItsCommitIsNotGiven() throws Exception {
		WalBuilder wal = builder().frame(1, 0, 1).frame(2, 0, 2);
		try (WalFile file = open(wal)) {
			for (int limit : new int[] { FRAME, MANY }) {
				assertThatExceptionOfType(CorruptDataException.class)
					.isThrownBy(
							() -> file.read(file.header(), file.header().start(), wal.position().offset(), limit, null))
					.withMessageContaining("expected a commit");
			}
			assertThatExceptionOfType(CorruptDataException.class)
				.isThrownBy(() -> file.readAll(file.header(), wal.position(), null));
		}
	}

	@Test
	void aRangeThatIsNotWholeFramesIsAMistake() throws Exception {
		WalBuilder wal = builder().frame(1, 1, 1).frame(2, 2, 2);
		try (WalFile file = open(wal)) {
			WalHeader header = file.header();
			for (long end : new long[] { 32, 31, 32 + FRAME - 1, 32 + FRAME + 1 }) {
				assertThatIllegalArgumentException()
					.isThrownBy(() -> file.read(header, header.start(), end, MANY, null));
			}
		}
	}

	@Test
	void aPositionOfAnotherRunIsRefused() throws Exception {
		WalBuilder wal = builder().frame(1, 1, 1);
		WalPosition other = new WalPosition(12, 34, 32, 5, 6);
		try (WalFile file = open(wal)) {
			WalHeader header = file.header();
			assertThatExceptionOfType(CorruptDataException.class)
				.isThrownBy(() -> file.read(header, other, wal.position().offset(), MANY, null));
			assertThatExceptionOfType(CorruptDataException.class).isThrownBy(() -> file.readAll(header, other, null));
			assertThat(file.continuesFrom(header, other)).isFalse();
		}
	}

	@Test
	void aPositionWithAnotherChecksumIsRefused() throws Exception {
		WalBuilder wal = builder().frame(1, 1, 1).frame(2, 2, 2);
		WalPosition end = wal.frames().get(0).end();
		WalPosition other = new WalPosition(end.salt1(), end.salt2(), end.offset(), end.checksum1(),
				end.checksum2() ^ 1);
		try (WalFile file = open(wal)) {
			WalHeader header = file.header();
			assertThat(WalBuilder.pages(file.read(header, end, wal.position().offset(), MANY, null))).hasSize(1);
			assertThatExceptionOfType(CorruptDataException.class)
				.isThrownBy(() -> file.read(header, other, wal.position().offset(), MANY, null));
			assertThatExceptionOfType(CorruptDataException.class).isThrownBy(() -> file.readAll(header, other, null));
		}
	}

	@Test
	void goesOnOnlyFromTheEndOfAFrameThatIsTheSame() throws Exception {
		WalBuilder wal = builder().frame(1, 0, 1).frame(2, 2, 2).frame(1, 2, 3);
		try (WalFile file = open(wal)) {
			WalHeader header = file.header();
			assertThat(file.continuesFrom(header, header.start())).isTrue();
			for (WalBuilder.Frame frame : wal.frames()) {
				WalPosition end = frame.end();
				assertThat(file.continuesFrom(header, end)).isTrue();
				assertThat(file.continuesFrom(header, moved(end, 8))).isFalse();
				assertThat(file.continuesFrom(header,
						new WalPosition(end.salt1(), end.salt2(), end.offset(), end.checksum1() ^ 1, end.checksum2())))
					.isFalse();
			}
			assertThat(file.continuesFrom(header, moved(header.start(), FRAME))).isFalse();
			assertThat(file.continuesFrom(header, moved(wal.position(), FRAME))).isFalse();
			WalPosition start = header.start();
			assertThat(file.continuesFrom(header,
					new WalPosition(start.salt1(), start.salt2(), 32, start.checksum1(), start.checksum2() ^ 1)))
				.isFalse();
		}
	}

	@Test
	void doesNotGoOnFromAFrameThatIsDamagedOrOfTheRunBefore() throws Exception {
		WalBuilder former = builder().frame(1, 1, 1).frame(2, 2, 2).frame(3, 3, 3);
		WalBuilder run = new WalBuilder(true, 512, 0x01020305, 99).frame(1, 1, 4);
		byte[] restarted = former.bytes();
		System.arraycopy(run.bytes(), 0, restarted, 0, run.bytes().length);
		try (WalFile file = open(restarted)) {
			WalHeader header = file.header();
			assertThat(file.continuesFrom(header, moved(run.position(), FRAME))).isFalse();
		}
		byte[] damaged = former.bytes();
		damaged[damaged.length - 1] ^= 1;
		try (WalFile file = open(damaged)) {
			assertThat(file.continuesFrom(file.header(), former.position())).isFalse();
			assertThat(file.continuesFrom(file.header(), former.frames().get(1).end())).isTrue();
		}
	}

	@Test
	void seesWhetherTheFormerRunWentOn() throws Exception {
		WalBuilder former = builder().frame(1, 1, 1).frame(2, 2, 2).frame(3, 3, 3);
		WalBuilder run = new WalBuilder(true, 512, 0x01020305, 99).frame(1, 1, 4);
		byte[] restarted = former.bytes();
		System.arraycopy(run.bytes(), 0, restarted, 0, run.bytes().length);
		try (WalFile file = open(restarted)) {
			assertThat(file.endedAt(true, 512, former.frames().get(0).end())).as("overwritten").isFalse();
			assertThat(file.endedAt(true, 512, former.frames().get(1).end())).as("went on").isFalse();
			assertThat(file.endedAt(true, 512, former.position())).isTrue();
			assertThat(file.endedAt(true, 512, moved(former.position(), FRAME))).as("never read").isFalse();
		}
		try (WalFile file = open(Arrays.copyOf(restarted, restarted.length - 1))) {
			assertThat(file.endedAt(true, 512, former.frames().get(1).end())).as("cut within a frame").isFalse();
		}
		try (WalFile file = open(run.bytes())) {
			assertThat(file.endedAt(true, 512, former.position())).as("truncated").isFalse();
		}
	}

	@ParameterizedTest
	@ValueSource(longs = { 1L << 31, 1L << 32, 5L << 32 })
	void offsetsBeyondFourGibibytes(long beyond) throws Exception {
		int frame = 24 + 4096;
		WalBuilder wal = new WalBuilder(false, 4096, 1, 2);
		byte[] header = wal.bytes();
		WalPosition from = new WalPosition(1, 2, 32 + (beyond / frame + 1) * frame, 0x1234, 0x5678);
		wal.at(from).frame(7, 0, 1).frame(8, 9, 2).frame(7, 9, 3);
		Path path = this.folder.resolve("test-wal");
		try (RandomAccessFile writer = new RandomAccessFile(path.toFile(), "rw")) {
			writer.write(header);
			// What stands of the frame before: its checksum
			writer.seek(from.offset() - frame + 16);
			writer.write(ByteBuffer.allocate(8).putInt(0x1234).putInt(0x5678).array());
			writer.seek(from.offset());
			writer.write(wal.bytes());
		}
		try (WalFile file = new WalFile(path)) {
			WalBatch whole = file.read(file.header(), from, wal.position().offset(), MANY, null);
			assertThat(whole.end()).isEqualTo(wal.position());
			assertThat(WalBuilder.pages(whole)).isEqualTo(wal.pages(0, 3));
			WalBatch twice = file.read(file.header(), from, wal.position().offset(), frame, null);
			assertThat(WalBuilder.pages(twice)).isEqualTo(wal.pages(0, 2));
			assertThat(file.continuesFrom(file.header(), wal.position())).isTrue();
			assertThat(file.endedAt(false, 4096, twice.end())).isFalse();
			assertThat(file.endedAt(false, 4096, wal.position())).isTrue();
			assertThat(new WalIndexHeader(1, 4096, (wal.position().offset() - 32) / frame, 9, 1, 1, 1, 1, 0, 0)
				.endOffset()).isEqualTo(wal.position().offset());
		}
		Files.delete(path);
	}

	private static WalPosition moved(WalPosition position, int bytes) {
		return new WalPosition(position.salt1(), position.salt2(), position.offset() + bytes, position.checksum1(),
				position.checksum2());
	}

	private static WalBuilder builder() {
		return new WalBuilder(true, 512, 0x01020304, 0x8a9bacbd);
	}

	private WalFile open(WalBuilder wal) throws Exception {
		return open(wal.bytes());
	}

	private WalFile open(byte[] bytes) throws Exception {
		return new WalFile(Files.write(this.folder.resolve("test-wal"), bytes));
	}

}
