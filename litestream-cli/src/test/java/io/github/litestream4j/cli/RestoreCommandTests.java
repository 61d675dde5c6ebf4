package io.github.litestream4j.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.testsupport.Ledger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The command restores what is asked for, says what it did, and touches no file that is
 * there.
 */
class RestoreCommandTests {

	@TempDir
	Path folder;

	private String url;

	private Path target;

	private List<Txid> txids;

	@BeforeEach
	void fill() throws Exception {
		Path replica = this.folder.resolve("replica");
		this.url = "file:" + replica;
		this.target = this.folder.resolve("restored.db");
		this.txids = SampleReplica.fill(new FileReplicaStorage(replica), this.folder.resolve("app.db"), 5);
	}

	@Test
	void restoresTheLatestState() throws Exception {
		Run run = Run.of("restore", this.url, "-o", this.target.toString());
		assertThat(run.exit()).as(run.err()).isZero();
		assertThat(run.out()).isEmpty();
		assertThat(run.err()).contains(this.target.toString()).contains(this.txids.get(4).toString());
		assertThat(run.err()).as("no terminal, no bar").doesNotContain("%");
		assertThat(Ledger.verify(this.target)).isEqualTo(5);
	}

	@Test
	void restoresATransactionAndATime() throws Exception {
		Run run = Run.of("restore", this.url, "-o", this.target.toString(), "--txid", this.txids.get(2).toString());
		assertThat(run.exit()).as(run.err()).isZero();
		assertThat(Ledger.verify(this.target)).isEqualTo(3);
		Path now = this.folder.resolve("now.db");
		FileReplicaStorage storage = new FileReplicaStorage(this.folder.resolve("replica"));
		Instant last = storage.timestamp(storage.list(0).get(storage.list(0).size() - 1));
		Run at = Run.of("restore", this.url, "-o", now.toString(), "--timestamp", last.toString(), "--integrity-check",
				"FULL", "--parallelism", "2");
		assertThat(at.exit()).as(at.err()).isZero();
		assertThat(Ledger.verify(now)).isEqualTo(5);
	}

	@Test
	void refusesAFileThatIsThere() throws Exception {
		Files.writeString(this.target, "mine");
		Run run = Run.of("restore", this.url, "-o", this.target.toString(), "--if-replica-exists", "--json");
		assertThat(run.exit()).isOne();
		assertThat(run.out()).isEmpty();
		assertThat(run.err()).contains("does not replace").contains(this.target.toString());
		assertThat(this.target).hasContent("mine");
	}

	@Test
	void writesTheResultAsJson() {
		Run run = Run.of("restore", this.url, "-o", this.target.toString(), "--json", "--progress");
		assertThat(run.exit()).as(run.err()).isZero();
		JsonNode json = run.json();
		assertThat(json.get("replica").asString()).isEqualTo(this.url);
		assertThat(json.get("target").asString()).isEqualTo(this.target.toString());
		assertThat(json.get("restored").asBoolean()).isTrue();
		assertThat(json.get("txid").asString()).isEqualTo(this.txids.get(4).toString());
		assertThat(json.get("pageSize").asLong() * json.get("pageCount").asLong())
			.isEqualTo(this.target.toFile().length());
		assertThat(json.get("checksum").asString()).hasSize(16);
		assertThat(json.get("bytesRead").asLong()).isPositive();
		assertThat(run.err()).contains("[======").contains("100%").contains("\r");
	}

	@Test
	void saysWhatItWouldRestore() {
		Run run = Run.of("restore", this.url, "--dry-run", "--json", "--txid", this.txids.get(1).toString());
		assertThat(run.exit()).as(run.err()).isZero();
		JsonNode json = run.json();
		assertThat(json.get("dryRun").asBoolean()).isTrue();
		assertThat(json.get("target").isNull()).isTrue();
		assertThat(json.get("txid").asString()).isEqualTo(this.txids.get(1).toString());
		assertThat(Instant.parse(json.get("time").asString())).isBefore(Instant.now());
		assertThat(json.get("files").get(0).get("level").asInt()).isEqualTo(9);
		assertThat(json.get("bytes").asLong()).isPositive();
		Run text = Run.of("restore", this.url, "-o", this.target.toString(), "--dry-run");
		assertThat(text.exit()).as(text.err()).isZero();
		assertThat(text.out()).startsWith(this.target + " would be restored at TXID " + this.txids.get(4))
			.contains("LEVEL");
		assertThat(this.target).doesNotExist();
	}

	@ParameterizedTest
	@CsvSource({ "false, 1", "true, 0" })
	void anEmptyReplicaIsAnErrorUnlessItMayBeEmpty(boolean ifReplicaExists, int exit) {
		String empty = "file:" + this.folder.resolve("empty");
		String[] arguments = { "restore", empty, "-o", this.target.toString(), "--json", "--if-replica-exists" };
		Run run = Run.of(ifReplicaExists ? arguments : java.util.Arrays.copyOf(arguments, 5));
		assertThat(run.exit()).isEqualTo(exit);
		assertThat(run.json().get("restored").asBoolean()).isFalse();
		assertThat(run.err()).contains(empty).contains("holds no file");
		assertThat(this.target).doesNotExist();
	}

	@Test
	void saysWhatTheReplicaCannotGive() {
		Run run = Run.of("restore", this.url, "-o", this.target.toString(), "--txid", "00000000000000ff");
		assertThat(run.exit()).isOne();
		assertThat(run.err()).contains("cannot give TXID 00000000000000ff").contains("nearest");
		assertThat(run.err()).doesNotContain("Exception");
		assertThat(this.target).doesNotExist();
	}

	@ParameterizedTest
	@ValueSource(strings = { "ftp://host/place", "s3:bucket", "s3://key:secret@bucket/prefix", "file:", "" })
	void aWrongUrlIsAWrongCommandLine(String wrong) {
		Run run = Run.of("restore", wrong, "-o", this.target.toString());
		assertThat(run.exit()).isEqualTo(2);
		assertThat(run.out()).isEmpty();
		assertThat(run.err()).contains("<url>").doesNotContain("secret").doesNotContain("Exception");
	}

	@Test
	void wrongOptionsAreAWrongCommandLine() {
		String[][] wrong = { { "-o", "x", "--txid", "12" }, { "-o", "x", "--timestamp", "yesterday" },
				{ "-o", "x", "--txid", "0000000000000001", "--timestamp", "2026-11-23T20:15:00Z" }, {},
				{ "-o", "x", "--parallelism", "0" }, { "-o", "x", "--integrity-check", "some" }, { "--unknown" } };
		for (String[] options : wrong) {
			List<String> arguments = new java.util.ArrayList<>(List.of("restore", this.url));
			arguments.addAll(List.of(options));
			Run run = Run.of(arguments.toArray(String[]::new));
			assertThat(run.exit()).as(arguments.toString()).isEqualTo(2);
			assertThat(run.err()).contains("Usage: litestream-cli restore");
		}
	}

}
