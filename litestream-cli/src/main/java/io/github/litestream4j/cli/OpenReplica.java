package io.github.litestream4j.cli;

import io.github.litestream4j.storage.ReplicaStorage;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * A replica, and the client that reaches it.
 *
 * @param storage the replica
 * @param client its client, {@code null} when it needs none
 */
record OpenReplica(ReplicaStorage storage, @Nullable S3Client client) implements AutoCloseable {

	@Override
	public void close() {
		if (this.client != null) {
			this.client.close();
		}
	}

}
