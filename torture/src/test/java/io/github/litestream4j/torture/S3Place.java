package io.github.litestream4j.torture;

import java.net.URI;
import java.time.Duration;

import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.s3.S3ReplicaStorage;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * Makes S3 clients whose waits are short.
 */
final class S3Place {

	private S3Place() {
	}

	static ReplicaStorage storage(ApplicationSettings settings) {
		S3Client client = client(settings.endpoint(), Duration.ofMillis(settings.timeoutMillis()), settings.retries());
		return new S3ReplicaStorage(client, settings.bucket(), settings.prefix());
	}

	static S3Client client(URI endpoint, Duration timeout, boolean retries) {
		return S3Client.builder()
			.endpointOverride(endpoint)
			.region(Region.US_EAST_1)
			.forcePathStyle(true)
			.credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("any", "any-secret")))
			.httpClientBuilder(Apache5HttpClient.builder().socketTimeout(timeout).connectionTimeout(timeout))
			.overrideConfiguration((configuration) -> configuration.apiCallAttemptTimeout(timeout)
				.retryStrategy(retries ? AwsRetryStrategy.standardRetryStrategy() : AwsRetryStrategy.doNotRetry()))
			.build();
	}

}
