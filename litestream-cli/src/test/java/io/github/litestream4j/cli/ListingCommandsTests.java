package io.github.litestream4j.cli;

import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.LtxHeader;
import io.github.litestream4j.ltx.LtxWriter;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a replica holds is listed, and its soundness told by the exit code.
 */
class ListingCommandsTests {

	@TempDir
	Path folder;

	private Path replica;

	private String url;

	private List<Txid> txids;

	@BeforeEach
	void fill() throws Exception {
		this.replica = this.folder.resolve("replica");
		this.url = "file:" + this.replica;
		this.txids = SampleReplica.fill(new FileReplicaStorage(this.replica), this.folder.resolve("app.db"), 3);
	}

	@Test
	void listsTheFilesOfEachLevel() {
		JsonNode files = Run.of("ltx", this.url, "--json").json().get("files");
		assertThat(files.size()).isGreaterThanOrEqualTo(4);
		JsonNode snapshot = files.get(files.size() - 1);
		assertThat(snapshot.get("level").asInt()).isEqualTo(9);
		assertThat(snapshot.get("minTxid").asString()).isEqualTo(Txid.FIRST.toString());
		assertThat(snapshot.get("size").asLong()).isPositive();
		assertThat(Instant.parse(snapshot.get("time").asString())).isBefore(Instant.now());
		Run one = Run.of("ltx", this.url, "--level", "0", "--exact-times");
		assertThat(one.exit()).isZero();
		assertThat(one.err()).isEmpty();
		List<String> lines = one.out().lines().toList();
		assertThat(lines.get(0)).contains("LEVEL").contains("MIN TXID").contains("BYTES");
		assertThat(lines.get(lines.size() - 1)).contains(this.txids.get(2).toString());
		assertThat(lines).hasSizeGreaterThanOrEqualTo(4);
		assertThat(Run.of("ltx", this.url, "--level", "10").exit()).isEqualTo(2);
	}

	@Test
	void listsTheGenerations() {
		JsonNode json = Run.of("generations", this.url, "--json").json();
		assertThat(json.get("replica").asString()).isEqualTo(this.url);
		JsonNode generation = json.get("generations").get(0);
		assertThat(generation.get("firstTxid").asString()).isEqualTo(Txid.FIRST.toString());
		assertThat(generation.get("reason").asString()).isEqualTo("first-start");
		Run text = Run.of("generations", this.url);
		assertThat(text.exit()).isZero();
		assertThat(text.out().lines().toList()).hasSize(2);
	}

	@Test
	void readsWhatLitestreamWrote() {
		String fixture = "file:"
				+ Path.of("../litestream-core/src/test/resources/fixtures/litestream-v0.5/basic/replica")
					.toAbsolutePath()
					.normalize();
		assertThat(Run.of("ltx", fixture, "--json").json().get("files").size()).isPositive();
		Run generations = Run.of("generations", fixture);
		assertThat(generations.exit()).isZero();
		assertThat(generations.err()).contains("no record");
		Run verify = Run.of("verify", fixture);
		assertThat(verify.exit()).as(verify.err()).isZero();
	}

	@Test
	void readsWhatLitestream03Wrote() throws Exception {
		String fixture = "file:"
				+ Path.of("../litestream-core/src/test/resources/fixtures/litestream-v0.3/basic/replica")
					.toAbsolutePath()
					.normalize();
		assertThat(Run.of("ltx", fixture).err()).contains("files of Litestream 0.3");
		Run plan = Run.of("restore", fixture, "--dry-run");
		assertThat(plan.exit()).as(plan.err()).isZero();
		assertThat(plan.out()).contains("from files of Litestream 0.3");
		Path target = this.folder.resolve("restored.db");
		Run restore = Run.of("restore", fixture, "-o", target.toString(), "--json");
		assertThat(restore.exit()).as(restore.err()).isZero();
		assertThat(restore.json().get("txid").isNull()).isTrue();
		assertThat(target).isNotEmptyFile();
		Run verify = Run.of("verify", fixture);
		assertThat(verify.exit()).as(verify.err()).isZero();
		assertThat(verify.err()).contains("is sound: its newest state was restored and checked");
	}

	@Test
	void namesAFileThatIsGone() throws Exception {
		List<Path> files;
		try (Stream<Path> all = Files.walk(this.replica)) {
			files = all.filter((path) -> path.toString().endsWith(".ltx") && !path.toString().contains("meta"))
				.toList();
		}
		assertThat(files).hasSizeGreaterThan(3);
		// But for the newest one: nobody can tell that there was one
		String newest = this.txids.get(2).toString();
		for (Path file : files.stream().filter((path) -> !path.toString().contains(newest + ".ltx")).toList()) {
			byte[] content = Files.readAllBytes(file);
			Files.delete(file);
			Run run = Run.of("verify", this.url, "--json");
			assertThat(run.exit()).as(file + ": " + run.err()).isOne();
			assertThat(run.json().get("passed").asBoolean()).isFalse();
			Files.write(file, content);
		}
	}

	@Test
	void anEmptyReplicaIsSaidToBe() {
		String empty = "file:" + this.folder.resolve("empty");
		Run run = Run.of("ltx", empty, "--json");
		assertThat(run.exit()).isZero();
		assertThat(run.json().get("files").size()).isZero();
		assertThat(run.err()).contains("no LTX file").contains(empty);
		Run verify = Run.of("verify", empty);
		assertThat(verify.exit()).isOne();
		assertThat(verify.err().strip()).isEqualTo(empty + " is not sound: The replica " + empty + " holds no file.");
	}

	@Test
	void tellsThatItCouldNotVerifyFromThatSomethingIsWrong() throws Exception {
		Run folder = Run.of("verify", this.url, "--folder", this.folder.resolve("none").toString());
		assertThat(folder.exit()).isEqualTo(3);
		assertThat(folder.err()).contains("could not be verified, which says nothing about it").contains("--folder");
		Path level = this.replica.resolve("ltx/5");
		Files.writeString(level, "a file in the place of a folder");
		Run storage = Run.of("verify", this.url, "--json");
		assertThat(storage.exit()).as(storage.err()).isEqualTo(3);
		assertThat(storage.err()).contains("could not be verified").contains(level.toString());
		assertThat(storage.out()).isEmpty();
	}

	@Test
	void aFullDiskIsNotTheReplicasFault() throws Exception {
		// A database that no disk has room for
		Txid next = new Txid(this.txids.get(2).value() + 1);
		LtxHeader header = LtxHeader.of(4096, 0xffff_fff0L, next, next, Instant.now());
		ByteArrayOutputStream file = new ByteArrayOutputStream();
		try (LtxWriter writer = new LtxWriter(file, header)) {
			writer.writePage(1, new byte[4096], 0);
			writer.finish(0);
		}
		Files.write(this.replica.resolve("ltx/0/" + LtxFileName.of(next)), file.toByteArray());
		Files.createDirectory(this.folder.resolve("room"));
		Run run = Run.of("verify", this.url, "--json", "--folder", this.folder.resolve("room").toString());
		assertThat(run.exit()).as(run.err()).isEqualTo(3);
		assertThat(run.err()).contains("There is no room to restore it: that needs 21.1 TB in " + this.folder)
			.contains("--folder")
			.doesNotContain("sound")
			.doesNotContain("staging");
		assertThat(run.out()).isEmpty();
		assertThat(this.folder.resolve("room")).isEmptyDirectory();
	}

	@Test
	void verifiesASoundReplica() throws Exception {
		Files.createDirectory(this.folder.resolve("room"));
		Run run = Run.of("verify", this.url, "--json", "--folder", this.folder.resolve("room").toString());
		assertThat(run.exit()).as(run.err()).isZero();
		assertThat(run.json().get("passed").asBoolean()).isTrue();
		assertThat(run.json().get("audit").get("sound").asBoolean()).isTrue();
		assertThat(run.json().get("audit").get("newest").get("txid").asString())
			.isEqualTo(this.txids.get(2).toString());
		assertThat(run.json().get("drill").get("txid").asString()).isEqualTo(this.txids.get(2).toString());
		assertThat(run.err())
			.contains("is sound: its newest state, TXID " + this.txids.get(2) + ", was restored and checked");
		assertThat(this.folder.resolve("room")).isEmptyDirectory();
	}

	@Test
	void namesEachDamagedFile() throws Exception {
		try (Stream<Path> files = Files.walk(this.replica)) {
			for (Path file : files.filter((path) -> path.toString().endsWith(".ltx")).toList()) {
				if (file.toString().contains("meta")) {
					continue;
				}
				byte[] sound = Files.readAllBytes(file);
				byte[] damaged = sound.clone();
				damaged[damaged.length / 2] ^= 1;
				Files.write(file, damaged);
				Run run = Run.of("verify", this.url, "--json");
				assertThat(run.exit()).as(file.toString()).isOne();
				assertThat(run.json().get("passed").asBoolean()).isFalse();
				assertThat(run.err()).contains(file.getFileName().toString());
				Files.write(file, sound);
			}
		}
		assertThat(Run.of("verify", this.url).exit()).isZero();
	}

	@Test
	void helpIsHelp() {
		for (String command : List.of("restore", "ltx", "generations", "verify")) {
			Run run = Run.of(command, "--help");
			assertThat(run.exit()).isZero();
			assertThat(run.out()).contains("Usage: litestream-cli " + command).contains("--endpoint");
		}
		assertThat(Run.of("--version").out()).contains("litestream-cli");
		assertThat(Run.of().exit()).isEqualTo(2);
		assertThat(Run.of("unknown").exit()).isEqualTo(2);
	}

}
