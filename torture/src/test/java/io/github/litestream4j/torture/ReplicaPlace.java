package io.github.litestream4j.torture;

import java.nio.file.Path;
import java.time.Duration;

import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.storage.s3.S3ReplicaStorage;
import io.github.litestream4j.testsupport.LitestreamBinary;
import io.github.litestream4j.testsupport.S3Server;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * Where a database is stored, as each of the three sees it.
 *
 * @param application what the application is given
 * @param storage the way around all faults
 * @param litestreamUrl what the real Litestream is given
 * @param litestream the real Litestream
 * @param s3 whether it is in a bucket
 */
record ReplicaPlace(String application, ReplicaStorage storage, String litestreamUrl, LitestreamBinary litestream,
		boolean s3) {

	private static final String BUCKET = "torture";

	static ReplicaPlace folder(Path folder) {
		return new ReplicaPlace(folder.toString(), new FileReplicaStorage(folder), LitestreamBinary.url(folder),
				LitestreamBinary.current(), false);
	}

	static ReplicaPlace bucket(S3Server server, S3Client client, FaultProxy proxy, String prefix) {
		server.createBucket(BUCKET);
		return new ReplicaPlace(proxy.endpoint() + "/" + BUCKET + "/" + prefix,
				new S3ReplicaStorage(client, BUCKET, prefix), server.litestreamUrl(BUCKET, prefix),
				LitestreamBinary.current().with(server), true);
	}

	static S3Client client(S3Server server) {
		return S3Place.client(server.endpoint(), Duration.ofSeconds(20), true);
	}

}
