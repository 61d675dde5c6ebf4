package io.github.litestream4j.restore;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.Random;

import io.github.litestream4j.ConfigurationException;
import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.UnreachablePointException;
import io.github.litestream4j.ltx.Lz4Stream;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What is refused of the files of Litestream 0.3: gaps between them, and damage in them.
 */
class LegacyDamageTests extends AbstractLegacyRestoreTests {

	@Test
	void f47AMissingWalIsAGap() throws IOException {
		onlyTheFirstSnapshot();
		delete("00000004_00000000.wal.lz4", "00000004_00001038.wal.lz4");
		assertGap("the WAL 00000004 is missing", "00000005_00000000.wal.lz4");
	}

	@Test
	void f47AMissingStartOfAWalIsAGap() throws IOException {
		onlyTheFirstSnapshot();
		delete("00000003_00000000.wal.lz4");
		assertGap("the WAL 00000003 lacks its first 4152 bytes", "00000003_00001038.wal.lz4");
	}

	@Test
	void f47AMissingFirstWalIsAGap() throws IOException {
		onlyTheFirstSnapshot();
		delete("00000001_00000000.wal.lz4", "00000001_00001038.wal.lz4");
		assertGap("the WAL 00000001 is missing", "00000002_00000000.wal.lz4");
	}

	@Test
	void f47AMissingPartOfAWalIsAGap() throws IOException {
		Path many = LitestreamFixture.legacy("many-small").copyTo(Files.createDirectory(this.folder.resolve("many")));
		this.storage = new FileReplicaStorage(many);
		for (Path file : files(many)) {
			String name = file.getFileName().toString();
			if (name.equals("00000001_00001038.wal.lz4") || name.matches("0000000[35]\\.snapshot\\.lz4")) {
				Files.delete(file);
			}
		}
		assertGap("expected the WAL 00000001 to go on at offset 4152", "00000001_00021338.wal.lz4");
	}

	@Test
	void f47AMissingEndOfAWalIsAGapWhenATransactionHadNotEnded() throws IOException {
		onlyTheFirstSnapshot();
		// Cut within a transaction, as a part may be when it was stored while it was
		// written
		Path part = find("00000002_00001038.wal.lz4");
		byte[] bytes = unlz4(Files.readAllBytes(part));
		assertThat(bytes.length).isGreaterThan(2 * 4120);
		byte[] cut = Arrays.copyOf(bytes, 4120);
		assertThat(Arrays.copyOfRange(cut, 4, 8)).as("no commit in the first frame").containsOnly(0);
		Files.write(part, lz4(cut));
		assertGap("goes on in the midst of a transaction", "00000002_00001038.wal.lz4");
		// The same at the end: what had not ended is left out
		FileTime time = Files.getLastModifiedTime(find("00000002_00000000.wal.lz4"));
		String before = restore(this.storage, time.toInstant());
		Files.setLastModifiedTime(part, time);
		assertThat(restore(this.storage, time.toInstant())).isEqualTo(before);
	}

	@Test
	void everyChangedByteIsFoundOrHarmless() throws IOException {
		String latest = restore(this.storage, null);
		onlyTheFirstSnapshot();
		Random random = new Random(20261123);
		for (Path file : files(this.replica)) {
			FileTime time = Files.getLastModifiedTime(file);
			byte[] bytes = Files.readAllBytes(file);
			int found = 0;
			for (int i = 0; i < 25; i++) {
				byte[] damaged = bytes.clone();
				damaged[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
				found += assertFailsOrRestores(file, damaged, latest) ? 1 : 0;
			}
			assertThat(found).as(file.toString()).isGreaterThan(20);
			for (int length : new int[] { 0, 1, 3, 4, 7, 11, bytes.length / 2, bytes.length - 4, bytes.length - 1 }) {
				assertThat(assertFailsOrRestores(file, Arrays.copyOf(bytes, length), latest)).as(file + " " + length)
					.isTrue();
			}
			Files.write(file, bytes);
			Files.setLastModifiedTime(file, time);
		}
		assertThat(restore(this.storage, null)).isEqualTo(latest);
	}

	private boolean assertFailsOrRestores(Path file, byte[] content, String expected) throws IOException {
		Files.write(file, content);
		Files.deleteIfExists(this.target);
		try {
			assertThat(restore(this.storage, null)).isEqualTo(expected);
			return false;
		}
		catch (CorruptDataException ex) {
			assertThat(ex).hasMessageContaining(file.getFileName().toString());
			assertThat(this.target.getParent()).isEmptyDirectory();
			return true;
		}
	}

	@Test
	void aSoundFrameOfAnotherWalIsDamage() throws IOException {
		onlyTheFirstSnapshot();
		// Its LZ4 frame is sound, and its own checksums are, but it continues another run
		Path other = find("00000003_00001038.wal.lz4");
		Files.write(find("00000002_00001038.wal.lz4"), Files.readAllBytes(other));
		assertThatExceptionOfType(CorruptDataException.class).isThrownBy(() -> restore(this.storage, null))
			.withMessageContainingAll("00000002_00001038.wal.lz4", "offset 4152", "expected salts");
	}

	@Test
	void readsFramesOneAfterTheOther() throws IOException {
		String latest = restore(this.storage, null);
		onlyTheFirstSnapshot();
		Path part = find("00000002_00001038.wal.lz4");
		byte[] bytes = unlz4(Files.readAllBytes(part));
		ByteArrayOutputStream frames = new ByteArrayOutputStream();
		frames.writeBytes(lz4(Arrays.copyOf(bytes, 1000)));
		frames.writeBytes(lz4(new byte[0]));
		frames.writeBytes(lz4(Arrays.copyOfRange(bytes, 1000, bytes.length)));
		Files.write(part, frames.toByteArray());
		assertThat(restore(this.storage, null)).isEqualTo(latest);
	}

	@Test
	void saysThatAnEncryptedReplicaIsNotRead() throws IOException {
		Files.write(find("00000006.snapshot.lz4"),
				"age-encryption.org/v1\n-> X25519 abc".getBytes(StandardCharsets.US_ASCII));
		assertThatExceptionOfType(ConfigurationException.class).isThrownBy(() -> restore(this.storage, null))
			.withMessageContainingAll("00000006.snapshot.lz4", "encrypted");
	}

	private void assertGap(String... message) {
		assertThatExceptionOfType(UnreachablePointException.class).isThrownBy(() -> restore(this.storage, null))
			.withMessageContaining("There is a gap")
			.withMessageContainingAll(message);
		assertThat(this.target.getParent()).isEmptyDirectory();
	}

	private static byte[] unlz4(byte[] bytes) throws IOException {
		return Lz4Stream.of(new ByteArrayInputStream(bytes)).readAllBytes();
	}

}
