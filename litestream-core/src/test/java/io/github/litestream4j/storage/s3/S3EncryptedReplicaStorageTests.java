package io.github.litestream4j.storage.s3;

import java.io.InputStream;
import java.net.URI;
import java.util.List;

import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.storage.LegacyFile;
import io.github.litestream4j.testsupport.EncryptingClients;
import io.github.litestream4j.testsupport.S3Server;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.s3.S3Client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The whole contract, through a client that encrypts.
 */
class S3EncryptedReplicaStorageTests extends AbstractS3ReplicaStorageTests {

	private static final S3Client CLIENT = EncryptingClients.open(S3Server.shared().endpoint(),
			EncryptingClients.key(1));

	@Override
	protected URI endpoint() {
		return S3Server.shared().endpoint();
	}

	@Override
	protected S3Client storageClient() {
		return CLIENT;
	}

	@Override
	protected int leastSize() {
		return 1;
	}

	@AfterAll
	static void close() {
		CLIENT.close();
	}

	@Override
	@Test
	protected void findsWhatLitestream03HasStored() {
		plant("generations/0123456789abcdef/snapshots/0000000a.snapshot.lz4", bytes(100, 1));
		List<LegacyFile> files = storage().listLegacy();
		assertThat(files).hasSize(1);
		assertThatExceptionOfType(StorageUnavailableException.class).isThrownBy(() -> {
			try (InputStream in = storage().readLegacy(files.get(0), 0)) {
				in.readAllBytes();
			}
		}).withMessageContainingAll(files.get(0).path(), "check the key and the settings of the S3 client");
	}

	// The answer comes before the body is sent, and the library may have nothing of it
	// then
	@Override
	@Test
	protected void saysThatTheBucketIsMissingWhenItStores() {
		assertThatExceptionOfType(StorageUnavailableException.class)
			.isThrownBy(() -> new S3ReplicaStorage(CLIENT, "no-such-bucket", "app").putMetaIfAbsent("replica.json",
					new byte[1]))
			.withMessageContaining("Could not store s3://no-such-bucket/app/meta/replica.json");
	}

}
