package io.github.litestream4j.session;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.replication.ReplicatorSettings;
import io.github.litestream4j.storage.ChecksumText;
import io.github.litestream4j.storage.LtxKey;
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
		this.storage = new FaultyStorage(new FileReplicaStorage(replica()));
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
		assertThat(Ledger.verify(restoreWithLitestream())).isEqualTo(last);
	}

	Path restoreWithLitestream() throws Exception {
		Path target = Files.createTempDirectory(this.folder, "theirs").resolve("app.db");
		LitestreamBinary.current().restore(LitestreamBinary.url(replica()), target).succeeded();
		return target;
	}

	/** From the snapshot and nothing else. */
	Path restoredAlone(Txid txid) throws Exception {
		Path alone = Files.createTempDirectory(this.folder, "alone");
		LtxKey key = new LtxKey(LtxKey.SNAPSHOT_LEVEL, new LtxFileName(Txid.FIRST, txid));
		for (String name : List.of("ltx/9/" + key.name(), "meta/" + ChecksumText.metaName(key))) {
			Files.createDirectories(alone.resolve("replica").resolve(name).getParent());
			Files.copy(replica().resolve(name), alone.resolve("replica").resolve(name));
		}
		Path target = alone.resolve("app.db");
		TestDatabase.restore(new FileReplicaStorage(alone.resolve("replica")), target);
		return target;
	}

	Path replica() {
		return this.folder.resolve("replica");
	}

}
