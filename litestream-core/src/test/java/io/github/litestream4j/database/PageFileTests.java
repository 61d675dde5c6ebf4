package io.github.litestream4j.database;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * One object for one file, by whatever name.
 */
class PageFileTests {

	@TempDir
	Path folder;

	@Test
	void isTheSameByEveryNameOfAFile() throws Exception {
		Path path = Files.writeString(this.folder.resolve("app.db"), "content");
		PageFile file = PageFile.of(path);
		assertThat(PageFile.of(Files.createSymbolicLink(this.folder.resolve("link"), path))).isSameAs(file);
		assertThat(PageFile.of(Files.createLink(this.folder.resolve("hard"), path))).isSameAs(file);
		assertThat(PageFile.of(this.folder.resolve("../" + this.folder.getFileName() + "/app.db"))).isSameAs(file);
		Files.move(path, this.folder.resolve("moved"));
		assertThat(PageFile.of(this.folder.resolve("moved"))).isSameAs(file);
		assertThat(PageFile.of(Files.writeString(path, "other"))).isNotSameAs(file);
	}

	@Test
	void anInodeIsNotTakenForAnotherFileLater() throws Exception {
		Path path = this.folder.resolve("app.db");
		for (int i = 0; i < 20; i++) {
			Files.writeString(path, "file " + i);
			PageFile file = PageFile.of(path);
			byte[] bytes = new byte[100];
			int length = file.read(bytes, 0);
			assertThat(new String(bytes, 0, length)).isEqualTo("file " + i);
			assertThat(file.isAt(path)).isTrue();
			Files.delete(path);
			assertThat(file.isAt(path)).isFalse();
		}
	}

	@Test
	void threadsGetTheBytesTheyAskedFor() throws Exception {
		byte[] content = new byte[64 * 512];
		for (int i = 0; i < content.length; i++) {
			content[i] = (byte) (i / 512);
		}
		PageFile file = PageFile.of(Files.write(this.folder.resolve("app.db"), content));
		List<Integer> wrong = IntStream.range(0, 20_000).parallel().map((i) -> i % 64).filter((number) -> {
			byte[] page = new byte[512];
			try {
				return file.read(page, number * 512L) != 512 || page[0] != number || page[511] != number;
			}
			catch (Exception ex) {
				return true;
			}
		}).boxed().toList();
		assertThat(wrong).isEmpty();
	}

	@Test
	void endsWhereTheFileEnds() throws Exception {
		PageFile file = PageFile.of(Files.write(this.folder.resolve("app.db"), new byte[700]));
		assertThat(file.read(new byte[512], 0)).isEqualTo(512);
		assertThat(file.read(new byte[512], 512)).isEqualTo(188);
		assertThat(file.read(new byte[512], 5000)).isZero();
	}

}
