package io.github.litestream4j.benchmarks;

import java.nio.file.Path;
import java.util.function.Supplier;

import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.storage.s3.S3ReplicaStorage;
import io.github.litestream4j.testsupport.LitestreamBinary;
import io.github.litestream4j.testsupport.S3Server;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * Where one replica is stored.
 *
 * @param storage the place as our engine writes it
 * @param litestream the real Litestream, with what it needs to write there
 * @param litestreamUrl the place as Litestream calls it
 * @param level0 the folder that the files of level 0 come to stand in
 */
record Place(ReplicaStorage storage, Supplier<LitestreamBinary> litestream, String litestreamUrl, Path level0) {

	static Place folder(Path folder) {
		return new Place(new FileReplicaStorage(folder), LitestreamBinary::current, LitestreamBinary.url(folder),
				folder.resolve("ltx").resolve("0"));
	}

	static Place s3(S3Server server, S3Client client, String bucket, String prefix) {
		return new Place(new S3ReplicaStorage(client, bucket, prefix), () -> LitestreamBinary.current().with(server),
				server.litestreamUrl(bucket, prefix), server.folder(bucket).resolve(prefix).resolve("0000"));
	}

}
