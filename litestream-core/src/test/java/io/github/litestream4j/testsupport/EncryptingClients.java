package io.github.litestream4j.testsupport;

import java.net.URI;
import java.util.Arrays;

import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.SdkEventLoopGroup;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.utils.ThreadFactoryBuilder;
import software.amazon.encryption.s3.S3EncryptionClient;

/**
 * Clients of Amazon's library that encrypt what they store in an S3 server on this
 * machine, with keys of the tests' own.
 */
public final class EncryptingClients {

	/** Closing one takes two seconds, which there are many of in tests. */
	private static final SdkAsyncHttpClient HTTP = NettyNioAsyncHttpClient.builder()
		.eventLoopGroupBuilder(SdkEventLoopGroup.builder()
			.numberOfThreads(2)
			.threadFactory(new ThreadFactoryBuilder().threadNamePrefix("s3-of-the-tests").daemonThreads(true).build()))
		.build();

	private EncryptingClients() {
	}

	/**
	 * A key.
	 * @param number which one
	 * @return the same for each number
	 */
	public static SecretKey key(int number) {
		byte[] bytes = new byte[32];
		Arrays.fill(bytes, (byte) number);
		return new SecretKeySpec(bytes, "AES");
	}

	/**
	 * A client as the documentation says that it must be, which whoever asks for it
	 * closes.
	 * @param endpoint where the server listens
	 * @param key what it encrypts with
	 * @return a new one
	 */
	public static S3Client open(URI endpoint, SecretKey key) {
		return builder(endpoint, key).enableLegacyUnauthenticatedModes(true).build();
	}

	/**
	 * A client as the library makes it, and what else is set.
	 * @param endpoint where the server listens
	 * @param key what it encrypts with
	 * @return its builder
	 */
	public static S3EncryptionClient.Builder builder(URI endpoint, SecretKey key) {
		return builder(endpoint).aesKey(key);
	}

	/**
	 * A client as the library makes it, and what else is set, its key first.
	 * @param endpoint where the server listens
	 * @return its builder
	 */
	public static S3EncryptionClient.Builder builder(URI endpoint) {
		return S3EncryptionClient.builderV4()
			.wrappedClient(S3Server.clientBuilder(endpoint, "any", "any-secret").build())
			.wrappedAsyncClient(async(endpoint, HTTP));
	}

	/**
	 * The client by which such a one stores and reads.
	 * @param endpoint where the server listens
	 * @param http what it sends its requests with, which stays open
	 * @return a new one
	 */
	public static S3AsyncClient async(URI endpoint, SdkAsyncHttpClient http) {
		return S3AsyncClient.builder()
			.httpClient(http)
			.endpointOverride(endpoint)
			.forcePathStyle(true)
			.region(Region.US_EAST_1)
			.credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("any", "any-secret")))
			.build();
	}

}
