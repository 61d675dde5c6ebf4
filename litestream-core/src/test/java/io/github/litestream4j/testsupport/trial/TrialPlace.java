package io.github.litestream4j.testsupport.trial;

import java.nio.file.Path;

import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.testsupport.LitestreamBinary;

/**
 * Where a trial takes place.
 *
 * @param folder an empty folder for the database and for what is restored
 * @param storage the replica, which is empty
 * @param litestream the real Litestream, with what it needs to read the replica
 * @param litestreamUrl the replica as Litestream calls it
 */
public record TrialPlace(Path folder, ReplicaStorage storage, LitestreamBinary litestream, String litestreamUrl) {

	Path database() {
		return this.folder.resolve("app.db");
	}

}
