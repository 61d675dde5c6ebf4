package io.github.litestream4j.session;

import java.nio.file.Files;
import java.nio.file.Path;

import io.github.litestream4j.replication.ReplicatorSettings;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.testsupport.FaultyStorage;
import io.github.litestream4j.testsupport.Ledger;
import io.github.litestream4j.testsupport.LitestreamBinary;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A database and its replica in a folder, restored by us and by the real Litestream.
 */
abstract class AbstractFileReplicaTests {

	@TempDir
	Path folder;

	FaultyStorage storage;

	ReplicatorSettings settings;

	@BeforeEach
	void prepareReplica() {
		this.storage = new FaultyStorage(new FileReplicaStorage(this.folder.resolve("replica")));
		this.settings = TestDatabase.settings(this.folder.resolve("app.db"));
	}

	Path restore() throws Exception {
		Path target = Files.createTempDirectory(this.folder, "restored").resolve("app.db");
		TestDatabase.restore(this.storage, target);
		return target;
	}

	/** The last commit that a restore gives, after all before it. */
	long restoredLast() throws Exception {
		return Ledger.verify(restore());
	}

	/** With ours and with the real Litestream. */
	void assertRestores(long last) throws Exception {
		assertThat(restoredLast()).isEqualTo(last);
		Path theirs = Files.createTempDirectory(this.folder, "theirs").resolve("app.db");
		LitestreamBinary.current().restore(LitestreamBinary.url(this.folder.resolve("replica")), theirs).succeeded();
		assertThat(Ledger.verify(theirs)).isEqualTo(last);
	}

}
