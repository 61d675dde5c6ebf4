package io.github.litestream4j.history;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

import io.github.litestream4j.ltx.Txid;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The result of a drill is read as it was noted, or not at all: retention goes by it.
 */
class DrillNoteTests {

	private static final DrillResult PASSED = new DrillResult(Instant.parse("2026-01-02T03:04:05.678Z"),
			new Txid(0x1a2b), true, null, null, Duration.ofMillis(1234), 5_000_000_000L, 42);

	private static final DrillResult FAILED = PASSED.failedToo("\"x\" is damaged.\nStore a new snapshot = now: ü");

	@TempDir
	Path folder;

	private Path file;

	private DrillNote note;

	@BeforeEach
	void prepare() {
		this.file = this.folder.resolve("drill-result");
		this.note = new DrillNote(this.file, "file:/replica");
	}

	@Test
	void isReadAsItWasNoted() throws IOException {
		assertThat(this.note.read()).isEmpty();
		this.note.write(FAILED);
		assertThat(this.note.read()).contains(FAILED);
		this.note.write(PASSED);
		assertThat(this.note.read()).contains(PASSED);
	}

	@Test
	void thatOfAnotherReplicaIsNone() throws IOException {
		this.note.write(PASSED);
		assertThat(new DrillNote(this.file, "file:/other").read()).isEmpty();
	}

	@Test
	void noFlippedBitIsReadAsAnotherResult() throws IOException {
		this.note.write(FAILED);
		byte[] sound = Files.readAllBytes(this.file);
		for (int bit = 0; bit < sound.length * 8; bit++) {
			byte[] bytes = sound.clone();
			bytes[bit / 8] ^= (byte) (1 << bit % 8);
			Files.write(this.file, bytes);
			assertThat(this.note.read().filter((found) -> !found.equals(FAILED))).as("bit %d flipped", bit).isEmpty();
		}
	}

}
