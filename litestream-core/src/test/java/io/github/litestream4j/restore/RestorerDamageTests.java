package io.github.litestream4j.restore;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.UnreachablePointException;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A stored file that is not what it was makes a restore fail with its name, or is not
 * needed: never is anything else restored than what was stored (F40).
 */
class RestorerDamageTests {

	private static final LitestreamFixture FIXTURE = new LitestreamFixture("basic");

	@TempDir
	private Path folder;

	private Path replica;

	private Path data;

	private Path target;

	private String latest;

	@BeforeEach
	void setUp() throws IOException {
		this.replica = FIXTURE.copyTo(this.folder);
		this.data = Files.createDirectory(this.folder.resolve("data"));
		this.target = this.data.resolve("app.db");
		this.latest = FIXTURE.expected().get("latest").get("file_sha256").asString();
	}

	@Test
	void f40EveryChangedBitOfANeededFileIsFoundUnlessItChangesNoPage() throws IOException {
		keepLevelZero();
		Random random = new Random(20261123);
		for (Path file : files(0)) {
			byte[] bytes = Files.readAllBytes(file);
			int found = 0;
			for (int i = 0; i < 200; i++) {
				byte[] damaged = bytes.clone();
				damaged[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
				Files.write(file, damaged);
				// within a run of zeros LZ4 can copy from several places to the same end
				found += assertFailsOrRestores(file) ? 1 : 0;
			}
			assertThat(found).as(file.toString()).isGreaterThan(180);
			Files.write(file, bytes);
		}
		assertRestores();
	}

	@Test
	void f40EveryTruncationOfANeededFileIsFound() throws IOException {
		keepLevelZero();
		for (Path file : files(0)) {
			byte[] bytes = Files.readAllBytes(file);
			for (int length = 0; length < bytes.length; length += Math.max(1, bytes.length / 100)) {
				Files.write(file, Arrays.copyOf(bytes, length));
				assertFails(file, "length " + length);
			}
			Files.write(file, Arrays.copyOf(bytes, bytes.length + 1));
			assertFails(file, "a byte more");
			Files.write(file, bytes);
		}
		assertRestores();
	}

	@Test
	void f40DamageAnywhereInAReplicaIsFoundOrHarmless() throws IOException {
		Random random = new Random(7);
		for (int level : List.of(0, 1, 2, 9)) {
			for (Path file : files(level)) {
				byte[] bytes = Files.readAllBytes(file);
				for (int i = 0; i < 20; i++) {
					byte[] damaged = bytes.clone();
					damaged[random.nextInt(bytes.length)] ^= (byte) (1 + random.nextInt(255));
					Files.write(file, damaged);
					assertFailsOrRestores(file);
				}
				Files.write(file, Arrays.copyOf(bytes, random.nextInt(bytes.length)));
				assertFailsOrRestores(file);
				Files.delete(file);
				assertRestores();
				Files.write(file, bytes);
			}
		}
	}

	/** Each state is in several levels. */
	@Test
	void f40OtherFilesAreReadInThePlaceOfADamagedOne() throws IOException {
		for (int level : List.of(0, 1, 2, 9)) {
			for (Path file : files(level)) {
				byte[] bytes = Files.readAllBytes(file);
				for (int length : new int[] { 0, 50, bytes.length / 2, bytes.length - 1 }) {
					Files.write(file, Arrays.copyOf(bytes, length));
					assertRestores();
				}
				Files.write(file, bytes);
			}
		}
	}

	@Test
	void f40AFileUnderAnothersNameIsFound() throws IOException {
		keepLevelZero();
		List<Path> files = files(0);
		for (int i = 0; i < files.size(); i++) {
			byte[] bytes = Files.readAllBytes(files.get(i));
			Files.write(files.get(i), Files.readAllBytes(files.get((i + 1) % files.size())));
			assertFails(files.get(i), "the content of its neighbour");
			Files.write(files.get(i), bytes);
		}
	}

	@Test
	void aMissingFileIsAGap() throws IOException {
		keepLevelZero();
		Files.delete(files(0).get(3));
		assertThatExceptionOfType(UnreachablePointException.class).isThrownBy(this::restore)
			.withMessageContaining("0000000000000004");
		assertThat(this.data).isEmptyDirectory();
	}

	@Test
	void otherFilesAreNoPartOfAReplica() throws IOException {
		Path levelZero = this.replica.resolve("ltx/0");
		Files.writeString(levelZero.resolve("0000000000000008-0000000000000008.ltx.tmp"), "junk");
		Files.writeString(levelZero.resolve("0000000000000008.ltx"), "junk");
		Files.writeString(levelZero.resolve("0000000000000009-0000000000000008.ltx"), "junk");
		Files.writeString(levelZero.resolve(".DS_Store"), "junk");
		Files.createDirectories(levelZero.resolve("0000000000000008-0000000000000008.ltx"));
		Files.createDirectories(this.replica.resolve("ltx/10"));
		Files.writeString(this.replica.resolve("ltx/10/0000000000000008-0000000000000008.ltx"), "junk");
		assertRestores();
	}

	@Test
	void aDamagedFileIsNotNeededForOtherStates() throws IOException {
		keepLevelZero();
		Path newest = files(0).get(6);
		Files.write(newest, new byte[100]);
		assertFails(newest, "zeros");
		assertThat(new Restorer(new FileReplicaStorage(this.replica))
			.restore(RestoreRequest.latest(this.target).to(new Txid(6)))).isPresent();
	}

	private boolean assertFailsOrRestores(Path file) throws IOException {
		try {
			restore();
		}
		catch (CorruptDataException ex) {
			assertThat(ex).hasMessageContaining(file.getFileName().toString());
			assertThat(this.data).isEmptyDirectory();
			return true;
		}
		assertThat(LitestreamFixture.sha256(this.target)).isEqualTo(this.latest);
		Files.delete(this.target);
		return false;
	}

	private void assertFails(Path file, String damage) {
		assertThatExceptionOfType(CorruptDataException.class).as("%s: %s", file, damage)
			.isThrownBy(this::restore)
			.withMessageContaining("level " + file.getParent().getFileName() + " " + file.getFileName())
			.withMessageContaining(this.replica.toString());
		assertThat(this.data).isEmptyDirectory();
	}

	private void assertRestores() throws IOException {
		restore();
		assertThat(LitestreamFixture.sha256(this.target)).isEqualTo(this.latest);
		assertThat(this.data).isDirectoryNotContaining((path) -> !path.equals(this.target));
		Files.delete(this.target);
	}

	private void restore() {
		new Restorer(new FileReplicaStorage(this.replica))
			.restore(RestoreRequest.latest(this.target).with(IntegrityCheck.NONE));
	}

	private void keepLevelZero() throws IOException {
		for (int level : List.of(1, 2, 9)) {
			for (Path file : files(level)) {
				Files.delete(file);
			}
		}
	}

	private List<Path> files(int level) throws IOException {
		try (Stream<Path> files = Files.list(this.replica.resolve("ltx/" + level))) {
			return files.sorted().toList();
		}
	}

}
