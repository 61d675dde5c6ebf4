package io.github.litestream4j.storage.s3;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;

import io.github.litestream4j.ConfigurationException;
import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.testsupport.EncryptingClients;
import io.github.litestream4j.testsupport.S3Server;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.assertj.core.api.ThrowableAssertAlternative;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.core.sync.ResponseTransformer;
import software.amazon.awssdk.services.s3.DelegatingS3Client;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.encryption.s3.S3EncryptionClient;
import software.amazon.encryption.s3.internal.InstructionFileConfig;
import software.amazon.encryption.s3.materials.AesKeyring;
import software.amazon.encryption.s3.materials.DecryptionMaterials;
import software.amazon.encryption.s3.materials.EncryptedDataKey;
import software.amazon.encryption.s3.materials.EncryptionMaterials;
import software.amazon.encryption.s3.materials.Keyring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Which clients that encrypt are taken, and which are refused before they harm.
 */
@Timeout(120)
class EncryptionCheckTests {

	private static final URI SERVER = S3Server.shared().endpoint();

	private final String bucket = S3Server.shared().createBucket("encryption-" + UUID.randomUUID());

	private final S3Client plain = S3Server.shared().client();

	private final List<S3Client> clients = new ArrayList<>(List.of(this.plain));

	@AfterEach
	void close() {
		this.clients.forEach(S3Client::close);
	}

	@Test
	void aClientIsTakenAgainAndAgain() {
		open(client(1));
		S3ReplicaStorage storage = open(client(1));
		assertThat(storage.readMeta("replica.json")).isEmpty();
		assertThat(storage.putMetaIfAbsent("replica.json", new byte[10])).isTrue();
		assertThat(open(client(1)).readMeta("replica.json")).hasValue(new byte[10]);
		assertThat(keys()).containsExactly("app/meta/encryption.json", "app/meta/replica.json");
	}

	@Test
	void aClientBehindAnotherIsFound() {
		S3Client outer = new DelegatingS3Client(client(1)) {
		};
		open(outer).putMetaIfAbsent("replica.json", new byte[10]);
		assertThat(open(client(1)).readMeta("replica.json")).hasValue(new byte[10]);
	}

	@Test
	void anotherKeyIsRefusedAndNothingIsTakenForAbsent() {
		open(client(1)).putMetaIfAbsent("replica.json", new byte[10]);
		S3Client other = client(2);
		assertRefused(() -> open(other)).withMessageContainingAll("app/meta/encryption.json", "another key");
		assertThatExceptionOfType(StorageUnavailableException.class)
			.isThrownBy(() -> unchecked(other).readMeta("replica.json"))
			.withMessageContaining("with another key");
	}

	@Test
	void aServiceOfKeysThatIsIllOrBusyDoesNotPassForAnotherKey() {
		AtomicReference<AwsServiceException> answer = new AtomicReference<>();
		S3Client client = add(EncryptingClients.builder(SERVER)
			.keyring(keyring(answer))
			.enableLegacyUnauthenticatedModes(true)
			.build());
		open(client);
		answer.set(answer(500, "KMSInternalException"));
		assertThatExceptionOfType(StorageUnavailableException.class).isThrownBy(() -> open(client))
			.withMessageContainingAll("500 KMSInternalException", "another try later");
		answer.set(answer(400, "ThrottlingException"));
		assertThatExceptionOfType(StorageUnavailableException.class).isThrownBy(() -> open(client))
			.withMessageContainingAll("400 ThrottlingException", "another try later");
		answer.set(answer(400, "IncorrectKeyException"));
		assertRefused(() -> open(client)).withMessageContaining("another key");
	}

	private static AwsServiceException answer(int status, String code) {
		return AwsServiceException.builder()
			.statusCode(status)
			.awsErrorDetails(AwsErrorDetails.builder().errorCode(code).errorMessage("as told").build())
			.build();
	}

	/** The keys of one that keeps them elsewhere, which may answer with an error. */
	private static Keyring keyring(AtomicReference<AwsServiceException> answer) {
		Keyring keys = AesKeyring.builder().wrappingKey(EncryptingClients.key(1)).build();
		return new Keyring() {

			@Override
			public EncryptionMaterials onEncrypt(EncryptionMaterials materials) {
				return keys.onEncrypt(materials);
			}

			@Override
			public DecryptionMaterials onDecrypt(DecryptionMaterials materials, List<EncryptedDataKey> dataKeys) {
				if (answer.get() != null) {
					throw answer.get();
				}
				return keys.onDecrypt(materials, dataKeys);
			}

		};
	}

	@Test
	void aClientWithoutRangesIsRefused() {
		S3Client client = add(builder(1).build());
		assertRefused(() -> open(client)).withMessageContaining("enable-legacy-unauthenticated-modes=true");
	}

	@Test
	void aClientWithoutConditionsIsRefused() {
		S3Client client = add(builder(1).enableLegacyUnauthenticatedModes(true).enableMultipartPutObject(true).build());
		assertRefused(() -> open(client)).withMessageContaining("enable-multipart-put-object");
		assertThat(keys()).isEmpty();
		open(client(1));
		assertRefused(() -> open(client)).withMessageContaining("enable-multipart-put-object");
	}

	@Test
	void aClientWithInstructionFilesIsRefused() {
		S3Client client = add(builder(1).enableLegacyUnauthenticatedModes(true)
			.instructionFileConfig(InstructionFileConfig.builder()
				.instructionFileClient(this.plain)
				.enableInstructionFilePutObject(true)
				.build())
			.build());
		assertRefused(() -> open(client)).withMessageContaining("instruction file");
	}

	@Test
	void whatWasStoredWithoutItIsRefused() {
		List<String> keys = List.of("0000/0000000000000001-0000000000000001.ltx",
				"0009/0000000000000001-0000000000000001.ltx", "meta/generations/0000000000000001.json",
				"generations/0123456789abcdef/snapshots/00000000.snapshot.lz4");
		for (String key : keys) {
			this.plain.putObject((request) -> request.bucket(this.bucket).key("app/" + key),
					RequestBody.fromString("plain"));
			S3Client client = client(1);
			assertRefused(() -> open(client)).withMessageContainingAll("s3://" + this.bucket + "/app",
					"stored without it");
			assertThat(keys()).containsExactly("app/" + key);
			this.plain.deleteObject((request) -> request.bucket(this.bucket).key("app/" + key));
		}
	}

	@Test
	void aPlainFileIsNotTakenForAbsent() {
		S3ReplicaStorage storage = open(client(1));
		this.plain.putObject((request) -> request.bucket(this.bucket).key("app/meta/replica.json"),
				RequestBody.fromString("plain"));
		assertThatExceptionOfType(StorageUnavailableException.class).isThrownBy(() -> storage.readMeta("replica.json"))
			.withMessageContainingAll("app/meta/replica.json", "stored without it");
	}

	@Test
	void whatItStoredIsNotTakenForDamageByAPlainClient() {
		open(client(1)).putMetaIfAbsent("replica.json", new byte[10]);
		S3ReplicaStorage storage = open(this.plain);
		assertThatExceptionOfType(ConfigurationException.class).isThrownBy(() -> storage.readMeta("replica.json"))
			.withMessageContainingAll("app/meta/replica.json", "has encrypted it", "the same key");
	}

	@Test
	void aChangedFileOfOursIsDamaged() {
		S3ReplicaStorage storage = open(client(1));
		storage.putMetaIfAbsent("replica.json", new byte[10]);
		var object = this.plain.getObject((request) -> request.bucket(this.bucket).key("app/meta/replica.json"),
				ResponseTransformer.toBytes());
		byte[] bytes = object.asByteArray();
		bytes[3] ^= 1;
		this.plain.putObject((request) -> request.bucket(this.bucket)
			.key("app/meta/replica.json")
			.metadata(object.response().metadata()), RequestBody.fromBytes(bytes));
		assertThatExceptionOfType(CorruptDataException.class).isThrownBy(() -> storage.readMeta("replica.json"))
			.withMessageContainingAll("app/meta/replica.json is damaged", "Tag mismatch");
	}

	private S3ReplicaStorage open(S3Client client) {
		return S3ReplicaStorage.open(client, this.bucket, "app");
	}

	private S3ReplicaStorage unchecked(S3Client client) {
		return new S3ReplicaStorage(client, this.bucket, "app");
	}

	private S3Client client(int key) {
		return add(EncryptingClients.open(SERVER, EncryptingClients.key(key)));
	}

	private static S3EncryptionClient.Builder builder(int key) {
		return EncryptingClients.builder(SERVER, EncryptingClients.key(key));
	}

	private S3Client add(S3Client client) {
		this.clients.add(client);
		return client;
	}

	private List<String> keys() {
		return this.plain.listObjectsV2((request) -> request.bucket(this.bucket))
			.contents()
			.stream()
			.map(S3Object::key)
			.toList();
	}

	private static ThrowableAssertAlternative<ConfigurationException> assertRefused(ThrowingCallable call) {
		return assertThatExceptionOfType(ConfigurationException.class).isThrownBy(call)
			.withMessageContaining("the Amazon S3 Encryption Client");
	}

}
