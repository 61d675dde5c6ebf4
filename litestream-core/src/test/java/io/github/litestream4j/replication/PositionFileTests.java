package io.github.litestream4j.replication;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.wal.WalPosition;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The position outlives whatever happens to the write of the newest one.
 */
class PositionFileTests {

	private static final int SLOT = 80;

	private static final int SECOND = 4096;

	@TempDir
	Path folder;

	private Path path;

	@BeforeEach
	void prepare() {
		this.path = this.folder.resolve("position");
	}

	@Test
	void isEmptyAtFirst() throws Exception {
		assertThat(read()).isEmpty();
		assertThat(read()).isEmpty();
	}

	@Test
	void keepsTheLastOneWithAllItsParts() throws Exception {
		CapturePosition large = new CapturePosition(new Txid(-2), 65536, 0xffffffffL,
				new WalPosition(-1, 0x80000000, 1L << 40, -3, 0x7fffffff), true);
		for (CapturePosition position : new CapturePosition[] { position(1), position(2), large,
				new CapturePosition(new Txid(9), 512, 3, CapturePosition.NO_WAL, false) }) {
			write(position);
			assertThat(read()).contains(position);
		}
	}

	@Test
	void writesOfOneProcessAndOfTheNextTakeTurns() throws Exception {
		try (PositionFile file = new PositionFile(this.path)) {
			for (int i = 1; i <= 5; i++) {
				file.write(position(i));
				assertThat(file.position()).contains(position(i));
				assertThat(read()).contains(position(i));
			}
		}
		write(position(6));
		write(position(7));
		damage(slotOf(7), 30);
		assertThat(read()).contains(position(6));
	}

	@Test
	void aTornWriteLeavesTheOneBefore() throws Exception {
		for (int newest = 2; newest <= 3; newest++) {
			Files.deleteIfExists(this.path);
			for (int i = 1; i < newest; i++) {
				write(position(i));
			}
			byte[] before = Files.readAllBytes(this.path);
			write(position(newest));
			byte[] after = Files.readAllBytes(this.path);
			for (int written = 0; written < SLOT; written++) {
				byte[] torn = Arrays.copyOf(before, after.length);
				System.arraycopy(after, slotOf(newest), torn, slotOf(newest), written);
				Files.write(this.path, torn);
				assertThat(read()).as("%d bytes of %d written", written, newest).contains(position(newest - 1));
			}
		}
	}

	@Test
	void everyChangedByteIsFound() throws Exception {
		write(position(1));
		write(position(2));
		byte[] sound = Files.readAllBytes(this.path);
		for (int slot : new int[] { slotOf(1), slotOf(2) }) {
			for (int i = slot; i < slot + SLOT; i++) {
				byte[] mutated = sound.clone();
				mutated[i] ^= (byte) (1 << (i % 8));
				Files.write(this.path, mutated);
				assertThat(read()).as("byte %d", i).contains(position((slot == slotOf(1)) ? 2 : 1));
			}
		}
		byte[] both = sound.clone();
		both[slotOf(1) + 20] ^= 1;
		both[slotOf(2) + 20] ^= 1;
		Files.write(this.path, both);
		assertThat(read()).isEmpty();
	}

	@Test
	void aTruncatedFileGivesNothingWrong() throws Exception {
		write(position(1));
		write(position(2));
		byte[] sound = Files.readAllBytes(this.path);
		for (int length = 0; length < sound.length; length += 61) {
			Files.write(this.path, Arrays.copyOf(sound, length));
			assertThat(read()).as("length %d", length)
				.satisfiesAnyOf((found) -> assertThat(found).isEmpty(),
						(found) -> assertThat(found).contains(position(2)));
		}
	}

	@Test
	void aDamagedSlotIsTheNextOneToBeWritten() throws Exception {
		write(position(1));
		write(position(2));
		damage(slotOf(2), 40);
		write(position(3));
		assertThat(read()).contains(position(3));
		damage(slotOf(2), 50);
		assertThat(read()).as("the damaged slot was written, not the sound one").contains(position(1));
	}

	@Test
	void onceGivenUpItStaysGivenUp() throws Exception {
		write(position(1));
		write(position(2));
		try (PositionFile file = new PositionFile(this.path)) {
			file.clear(new Txid(2));
			assertThat(file.position()).isEmpty();
		}
		assertThat(read()).isEmpty();
		write(position(3));
		assertThat(read()).contains(position(3));
	}

	private Optional<CapturePosition> read() throws Exception {
		try (PositionFile file = new PositionFile(this.path)) {
			return file.position();
		}
	}

	private void write(CapturePosition position) throws Exception {
		try (PositionFile file = new PositionFile(this.path)) {
			file.write(position);
			file.force();
		}
	}

	private void damage(int slot, int at) throws Exception {
		byte[] bytes = Files.readAllBytes(this.path);
		bytes[slot + at] ^= 0x40;
		Files.write(this.path, bytes);
	}

	/** The first write goes to the second slot. */
	private static int slotOf(int write) {
		return (write % 2 == 1) ? SECOND : 0;
	}

	private static CapturePosition position(int txid) {
		return new CapturePosition(new Txid(txid), 4096, 10 + txid,
				new WalPosition(0x01020304, 0x0a0b0c0d, 32 + txid * 4120L, 77 * txid, 99 * txid), txid % 2 == 0);
	}

}
