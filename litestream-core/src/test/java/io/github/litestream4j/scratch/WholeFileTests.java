package io.github.litestream4j.scratch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

class WholeFileTests {

	@TempDir
	private Path folder;

	@Test
	void replacesAFileAndLeavesNothingBesideIt() throws IOException {
		Path file = this.folder.resolve("note");
		WholeFile.write(file, new byte[100]);
		WholeFile.writeDurably(file, new byte[] { 1, 2 });
		assertThat(file).hasBinaryContent(new byte[] { 1, 2 });
		WholeFile.write(file, new byte[] { 3 });
		assertThat(file).hasBinaryContent(new byte[] { 3 });
		assertThat(this.folder).isDirectoryContaining(file::equals)
			.isDirectoryNotContaining((other) -> !other.equals(file));
	}

	@Test
	void writesOverWhatACrashLeftBesideIt() throws IOException {
		Path file = this.folder.resolve("note");
		Files.write(this.folder.resolve("note.tmp"), new byte[100]);
		WholeFile.write(file, new byte[] { 1 });
		assertThat(file).hasBinaryContent(new byte[] { 1 });
	}

	@Test
	void keepsTheOldContentWhenTheNewCannotBeWritten() throws IOException {
		Path file = this.folder.resolve("note");
		WholeFile.write(file, new byte[] { 1 });
		Files.createDirectory(this.folder.resolve("note.tmp"));
		assertThatIOException().isThrownBy(() -> WholeFile.write(file, new byte[] { 2 }))
			.withMessageContaining("note.tmp");
		assertThat(file).hasBinaryContent(new byte[] { 1 });
	}

}
