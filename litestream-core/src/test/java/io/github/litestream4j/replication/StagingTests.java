package io.github.litestream4j.replication;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
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
		List<StagedFile> files = new Staging(this.folder).range(new Txid(0xa), new Txid(0x10)).orElseThrow();
		assertThat(files).extracting(StagedFile::txid).containsExactly(txids(0xb, 0xc, 0xd, 0xe, 0xf, 0x10));
		for (StagedFile file : files) {
			assertThat(content(file)).isEqualTo(ltx(file.txid()));
			assertThat(file.timestamp()).isEqualTo(time(file.txid()));
			assertThat(file.content().length()).isEqualTo(ltx(file.txid()).length);
		}
		assertThat(this.staging.range(new Txid(3), new Txid(3)).orElseThrow()).isEmpty();
	}

	@Test
	void aRangeWithAMissingFileIsNone() throws Exception {
		for (long txid = 1; txid <= 5; txid++) {
			write(txid);
		}
		for (long missing = 1; missing <= 5; missing++) {
			Path path = path(missing);
			byte[] bytes = Files.readAllBytes(path);
			Files.delete(path);
			assertThat(this.staging.range(Txid.ZERO, new Txid(5))).as("without %d", missing).isEmpty();
			assertThat(this.staging.range(new Txid(missing), new Txid(5))).isPresent();
			Files.write(path, bytes);
		}
		assertThat(this.staging.range(Txid.ZERO, new Txid(5))).isPresent();
		assertThat(this.staging.range(Txid.ZERO, new Txid(6))).isEmpty();
	}

	@Test
	void aRangeWithADamagedFileIsNone() throws Exception {
		write(1);
		write(2);
		byte[] sound = Files.readAllBytes(path(2));
		for (int i = 0; i < sound.length; i++) {
			byte[] damaged = sound.clone();
			damaged[i] ^= (byte) (1 << (i % 8));
			Files.write(path(2), damaged);
			assertThat(this.staging.range(Txid.ZERO, new Txid(2))).as("byte %d of %d", i, sound.length).isEmpty();
		}
		for (int length = 0; length < sound.length; length++) {
			Files.write(path(2), Arrays.copyOf(sound, length));
			assertThat(this.staging.range(Txid.ZERO, new Txid(2))).as("length %d", length).isEmpty();
		}
		Files.write(path(2), Arrays.copyOf(sound, sound.length + 1));
		assertThat(this.staging.range(Txid.ZERO, new Txid(2))).as("one byte more").isEmpty();
		Files.write(path(2), Files.readAllBytes(path(1)));
		assertThat(this.staging.range(Txid.ZERO, new Txid(2))).as("another file's bytes").isEmpty();
	}

	@Test
	void keepsWhatIsGoneOnWithAndNothingElse() throws Exception {
		for (long txid = 1; txid <= 6; txid++) {
			write(txid);
		}
		Path strange = Files.writeString(path(1).resolveSibling("notes.txt"), "not ours");
		this.staging.retain(this.staging.range(new Txid(2), new Txid(4)).orElseThrow());
		assertThat(this.staging.names()).extracting(LtxFileName::min).containsExactly(txids(3, 4));
		assertThat(strange).exists();
		this.staging.retain(List.of());
		assertThat(this.staging.names()).isEmpty();
	}

	@Test
	void syncsWhatIsThereAndMissesNothingThatWasStoredMeanwhile() throws Exception {
		StagedFile first = write(1);
		StagedFile second = write(2);
		this.staging.remove(first);
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
		assertThat(this.staging.range(Txid.ZERO, Txid.FIRST)).isPresent();
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
