package io.github.litestream4j.cli;

import java.net.URI;
import java.util.Objects;

import io.github.litestream4j.ConfigurationException;
import io.github.litestream4j.storage.ReplicaUrl;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.storage.s3.S3ReplicaStorage;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/**
 * Which replica, and how it is reached. Credentials are looked up where every AWS tool
 * does: the environment, the profile, the container, the machine.
 */
final class ReplicaOptions {

	@Parameters(paramLabel = "<url>", converter = UrlConverter.class,
			description = "The replica: s3://bucket/prefix or file:/folder.")
	private @Nullable ReplicaUrl url;

	@Option(names = "--endpoint", paramLabel = "<url>", description = "The S3 server, when it is not Amazon's.")
	private @Nullable URI endpoint;

	@Option(names = "--region", paramLabel = "<name>",
			description = "The bucket's region; otherwise that of the environment or the profile.")
	private @Nullable String region;

	@Option(names = "--path-style", description = "Name the bucket in the path, as most other S3 servers need it.")
	private boolean pathStyle;

	ReplicaUrl url() {
		return Objects.requireNonNull(this.url);
	}

	/**
	 * Open the replica. Nothing is requested from it yet.
	 * @return the replica, to be closed
	 * @throws ConfigurationException when it cannot be reached like this
	 */
	OpenReplica open() {
		if (url() instanceof ReplicaUrl.S3 place) {
			S3Client client = client();
			return new OpenReplica(new S3ReplicaStorage(client, place.bucket(), place.prefix()), client);
		}
		if (url() instanceof ReplicaUrl.File place) {
			return new OpenReplica(new FileReplicaStorage(place.folder()), null);
		}
		throw new IllegalStateException("a replica of an unknown kind: " + url());
	}

	private S3Client client() {
		S3ClientBuilder builder = S3Client.builder()
			.forcePathStyle(this.pathStyle)
			.region(region())
			.credentialsProvider(credentials());
		if (this.endpoint != null) {
			builder.endpointOverride(this.endpoint);
		}
		try {
			return builder.build();
		}
		catch (RuntimeException ex) {
			throw new ConfigurationException("The S3 client cannot be made: " + ex.getMessage(), ex);
		}
	}

	private AwsCredentialsProvider credentials() {
		AwsCredentialsProvider provider = DefaultCredentialsProvider.builder().build();
		try {
			provider.resolveCredentials();
			return provider;
		}
		catch (SdkClientException ex) {
			throw new ConfigurationException("There are no credentials for " + url()
					+ ": set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or run this where a role gives them",
					ex);
		}
	}

	private Region region() {
		if (this.region != null) {
			return Region.of(this.region);
		}
		try {
			return DefaultAwsRegionProviderChain.builder().build().getRegion();
		}
		catch (SdkClientException ex) {
			if (this.endpoint != null) {
				// Of those that are not Amazon's most take any
				return Region.US_EAST_1;
			}
			throw new ConfigurationException(
					"The region of " + url() + " is not known: add --region, or set AWS_REGION or the profile's region",
					ex);
		}
	}

	/**
	 * Reads a URL.
	 */
	static final class UrlConverter implements ITypeConverter<ReplicaUrl> {

		@Override
		public ReplicaUrl convert(String text) {
			return Conversions.replica(text);
		}

	}

}
