package io.github.litestream4j.scratch;

import java.io.EOFException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class ScratchFolderTests {

	@TempDir
	Path folder;

	@Test
	void givesBackWhatWasWritten() throws Exception {
		ScratchFolder scratch = new ScratchFolder(this.folder.resolve("a").resolve("b"));
		try (ScratchFile one = scratch.create(); ScratchFile other = scratch.create()) {
			one.append(bytes("hello "));
			other.append(bytes("other"));
			one.append(bytes("world"));
			assertThat(one.size()).isEqualTo(11);
			ByteBuffer into = ByteBuffer.allocate(5);
			one.read(into, 6);
			assertThat(into.flip()).isEqualTo(bytes("world"));
			assertThatExceptionOfType(EOFException.class).isThrownBy(() -> one.read(ByteBuffer.allocate(6), 6))
				.withMessageContaining("ends before byte 12");
		}
		assertThat(this.folder.resolve("a").resolve("b")).isEmptyDirectory();
	}

	@Test
	@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the name goes when the process does")
	void leavesNothingWhenTheProcessIsKilled() throws Exception {
		try (ScratchFile file = new ScratchFolder(this.folder).create()) {
			file.append(bytes("here"));
			assertThat(this.folder).isEmptyDirectory();
		}
	}

	@Test
	void makesNoFolderBeforeItIsNeeded() {
		assertThat(new ScratchFolder(this.folder.resolve("none"))).hasToString(this.folder.resolve("none").toString());
		assertThat(this.folder).isEmptyDirectory();
	}

	private static ByteBuffer bytes(String text) {
		return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
	}

}
