package io.github.litestream4j.replication;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;

import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.LtxHeader;
import io.github.litestream4j.ltx.LtxWriter;
import io.github.litestream4j.ltx.Txid;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What was captured is found again, or known to be missing.
 */
class StagingTests {

	@TempDir
	Path folder;

	private Staging staging;

	@BeforeEach
	void prepare() throws Exception {
		this.staging = new Staging(this.folder);
	}

	@Test
	void givesBackWhatWasWrittenInOrder() throws Exception {
		for (long txid : new long[] { 0x10, 0x9, 0xa, 0xf, 0xb, 0xc, 0xd, 0xe }) {
			write(txid);
		}
		assertThat(this.staging.names()).extracting(LtxFileName::min)
			.containsExactly(txids(0x9, 0xa, 0xb, 0xc, 0xd, 0xe, 0xf, 0x10));
		List<StagedFile> files = range(new Staging(this.folder), 0xb, 0x10);
		assertThat(files).extracting(StagedFile::txid).containsExactly(txids(0xb, 0xc, 0xd, 0xe, 0xf, 0x10));
		for (StagedFile file : files) {
			assertThat(content(file)).isEqualTo(ltx(file.txid()));
			assertThat(file.timestamp()).isEqualTo(time(file.txid()));
			assertThat(file.content().length()).isEqualTo(ltx(file.txid()).length);
		}
	}

	@Test
	void aMissingFileIsNone() throws Exception {
		write(1);
		assertThat(this.staging.find(new Txid(1))).isPresent();
		assertThat(this.staging.find(new Txid(2))).isEmpty();
	}

	@Test
	void f28KeepsTheNewestOfWhatIsStored() throws Exception {
		for (long txid = 1; txid <= 3; txid++) {
			this.staging.stored(write(txid));
		}
		assertThat(this.staging.names()).isEmpty();
		Staging again = new Staging(this.folder);
		assertThat(again.kept().names()).extracting(LtxFileName::min).containsExactly(txids(1, 2, 3));
		StagedFile kept = again.find(new Txid(2)).orElseThrow();
		assertThat(content(kept)).isEqualTo(ltx(new Txid(2)));
		again.stored(kept);
		assertThat(kept.path()).exists();
		assertThat(again.kept().names()).hasSize(3);
		again.retain(List.of());
		assertThat(again.kept().names()).as("of another folder").hasSize(3);
		again.kept().retain(List.of(kept));
		assertThat(again.kept().names()).extracting(LtxFileName::min).containsExactly(txids(2));
		assertThat(again.kept().bytes()).isEqualTo(Files.size(kept.path()));
	}

	@Test
	void f28ATornFileThatWasKeptIsNotUsedAndIsGone() throws Exception {
		StagedFile file = write(7);
		this.staging.stored(file);
		Path path = this.folder.resolve("stored").resolve(LtxFileName.of(new Txid(7)).toString());
		Files.write(path, Arrays.copyOf(Files.readAllBytes(path), 300));
		assertThat(this.staging.find(new Txid(7))).isEmpty();
		assertThat(path).doesNotExist();
		assertThat(this.staging.kept().names()).isEmpty();
	}

	@Test
	void whatIsKeptIsBounded() throws Exception {
		int length = ltx(Txid.FIRST).length;
		KeptFiles kept = new KeptFiles(this.folder.resolve("few"), 10L * length + 50, 5);
		for (long txid = 1; txid <= 9; txid++) {
			kept.keep(write(txid).path(), LtxFileName.of(new Txid(txid)));
		}
		assertThat(kept.names()).extracting(LtxFileName::min).containsExactly(txids(5, 6, 7, 8, 9));
		kept = new KeptFiles(this.folder.resolve("few"), 3L * length + 50, 5);
		kept.keep(write(10).path(), LtxFileName.of(new Txid(10)));
		assertThat(kept.names()).hasSizeLessThan(4).extracting(LtxFileName::min).contains(new Txid(10));
		assertThat(kept.bytes()).isLessThanOrEqualTo(3L * length + 50);
		StagedFile large = this.staging.write(new Txid(11), Instant.EPOCH, new byte[100_000], OptionalLong.empty(), 0);
		kept.keep(large.path(), LtxFileName.of(large.txid()));
		assertThat(kept.names()).as("nothing is newer than what is too large").isEmpty();
		assertThat(kept.bytes()).isZero();
		assertThat(this.folder.resolve("few")).isEmptyDirectory();
	}

	@Test
	void aDamagedFileIsNone() throws Exception {
		write(1);
		this.staging.write(new Txid(2), time(new Txid(2)), ltx(new Txid(2)), OptionalLong.of(1L << 63 | 77), 0);
		assertThat(this.staging.find(new Txid(2)).orElseThrow().checksum()).hasValue(1L << 63 | 77);
		byte[] sound = Files.readAllBytes(path(2));
		for (int i = 0; i < sound.length; i++) {
			byte[] damaged = sound.clone();
			damaged[i] ^= (byte) (1 << (i % 8));
			Files.write(path(2), damaged);
			assertThat(this.staging.find(new Txid(2))).as("byte %d of %d", i, sound.length).isEmpty();
		}
		for (int length = 0; length < sound.length; length++) {
			Files.write(path(2), Arrays.copyOf(sound, length));
			// What is cut right behind the file is a whole one, without a checksum
			boolean whole = length == ltx(new Txid(2)).length;
			assertThat(this.staging.find(new Txid(2)).isPresent()).as("length %d", length).isEqualTo(whole);
		}
		Files.write(path(2), Arrays.copyOf(sound, sound.length + 1));
		assertThat(this.staging.find(new Txid(2))).as("one byte more").isEmpty();
		Files.write(path(2), Files.readAllBytes(path(1)));
		assertThat(this.staging.find(new Txid(2))).as("another file's bytes").isEmpty();
	}

	@Test
	void keepsWhatIsGoneOnWithAndNothingElse() throws Exception {
		for (long txid = 1; txid <= 6; txid++) {
			write(txid);
		}
		Path strange = Files.writeString(path(1).resolveSibling("notes.txt"), "not ours");
		this.staging.retain(range(this.staging, 3, 4));
		assertThat(this.staging.names()).extracting(LtxFileName::min).containsExactly(txids(3, 4));
		assertThat(strange).exists();
		this.staging.retain(List.of());
		assertThat(this.staging.names()).isEmpty();
	}

	@Test
	void syncsWhatIsThereAndMissesNothingThatWasStoredMeanwhile() throws Exception {
		StagedFile first = write(1);
		StagedFile second = write(2);
		this.staging.stored(first);
		Files.delete(second.path());
		write(3);
		this.staging.force();
		this.staging.force();
		assertThat(this.staging.names()).extracting(LtxFileName::min).containsExactly(txids(3));
	}

	@Test
	void aLongFileIsNotKeptInMemory() throws Exception {
		byte[] bytes = new byte[(1 << 20) + 1];
		new Random(1).nextBytes(bytes);
		StagedFile file = this.staging.write(Txid.FIRST, Instant.EPOCH, bytes, OptionalLong.empty(), 0);
		assertThat(content(file)).isEqualTo(bytes);
		StagedFile streamed = this.staging.write(new Txid(2), Instant.EPOCH, (out) -> out.write(bytes),
				OptionalLong::empty, 0);
		assertThat(content(streamed)).isEqualTo(bytes);
		Files.delete(file.path());
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> file.content().open());
	}

	@Test
	void writingAgainReplacesALongerFile() throws Exception {
		this.staging.write(Txid.FIRST, Instant.EPOCH, new byte[100_000], OptionalLong.empty(), 0);
		write(1);
		assertThat(Files.readAllBytes(path(1))).isEqualTo(ltx(Txid.FIRST));
		this.staging.write(Txid.FIRST, Instant.EPOCH, (out) -> out.write(new byte[100_000]), OptionalLong::empty, 0);
		this.staging.write(Txid.FIRST, Instant.EPOCH, (out) -> out.write(ltx(Txid.FIRST)), OptionalLong::empty, 0);
		assertThat(this.staging.find(Txid.FIRST)).isPresent();
	}

	private static List<StagedFile> range(Staging staging, long first, long last) throws IOException {
		List<StagedFile> files = new ArrayList<>();
		for (long txid = first; txid <= last; txid++) {
			files.add(staging.find(new Txid(txid)).orElseThrow());
		}
		return files;
	}

	private StagedFile write(long txid) throws IOException {
		return this.staging.write(new Txid(txid), time(new Txid(txid)), ltx(new Txid(txid)), OptionalLong.empty(), 0);
	}

	private Path path(long txid) {
		return this.folder.resolve("ltx/0").resolve(LtxFileName.of(new Txid(txid)).toString());
	}

	private static Instant time(Txid txid) {
		return Instant.ofEpochMilli(1_700_000_000_000L + txid.value());
	}

	static byte[] ltx(Txid txid) throws IOException {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		try (LtxWriter writer = new LtxWriter(out, LtxHeader.of(512, 2, txid, txid, time(txid)))) {
			byte[] page = new byte[512];
			for (int number = 1; number <= 2; number++) {
				new Random(txid.value() + number).nextBytes(page);
				Arrays.fill(page, 40, 512, (byte) number);
				writer.writePage(number, page, 0);
			}
			writer.finish(0);
		}
		return out.toByteArray();
	}

	private static byte[] content(StagedFile file) throws IOException {
		try (var in = file.content().open()) {
			return in.readAllBytes();
		}
	}

	private static Txid[] txids(long... values) {
		return Arrays.stream(values).mapToObj(Txid::new).toArray(Txid[]::new);
	}

}
