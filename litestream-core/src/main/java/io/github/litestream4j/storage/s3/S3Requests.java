package io.github.litestream4j.storage.s3;

import java.time.Duration;

import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.SdkPlugin;
import software.amazon.awssdk.core.SdkServiceClientConfiguration;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4FamilyHttpSigner;
import software.amazon.awssdk.services.s3.LegacyMd5Plugin;
import software.amazon.awssdk.services.s3.S3ServiceClientConfiguration;
import software.amazon.awssdk.services.s3.auth.scheme.S3AuthSchemeProvider;

/**
 * How each request differs from the client's own settings, which are its owner's.
 * <p>
 * By default the SDK sends bodies in chunks ({@code aws-chunked}), with a checksum behind
 * them, and asks for checksums in answers. Many stores that speak S3 take none of that
 * (Litestream #889, #912, #947). So a body goes as it is: signed with its SHA-256 over
 * HTTP, unsigned over HTTPS. What is stored has checksums of its own.
 */
final class S3Requests {

	private final Duration timeout;

	S3Requests(Duration timeout) {
		this.timeout = timeout;
	}

	/**
	 * For a request without a body of its own.
	 */
	AwsRequestOverrideConfiguration small() {
		return within(this.timeout);
	}

	/**
	 * For a request that may take a given time, the client's own retries included.
	 */
	AwsRequestOverrideConfiguration within(Duration time) {
		return AwsRequestOverrideConfiguration.builder().addPlugin(new PlainBodies()).apiCallTimeout(time).build();
	}

	/**
	 * For a deletion of several files: {@code Content-MD5} is the checksum that every
	 * store understands there.
	 */
	AwsRequestOverrideConfiguration deletion() {
		return AwsRequestOverrideConfiguration.builder()
			.addPlugin(new PlainBodies())
			.addPlugin(LegacyMd5Plugin.create())
			.apiCallTimeout(this.timeout)
			.build();
	}

	/**
	 * Switches checksums and chunks off.
	 */
	private static final class PlainBodies implements SdkPlugin {

		@Override
		public void configureClient(SdkServiceClientConfiguration.Builder configuration) {
			if (configuration instanceof S3ServiceClientConfiguration.Builder s3) {
				s3.requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED);
				s3.responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED);
				S3AuthSchemeProvider provider = s3.authSchemeProvider();
				s3.authSchemeProvider((parameters) -> provider.resolveAuthScheme(parameters)
					.stream()
					.map((option) -> option.toBuilder()
						.putSignerProperty(AwsV4FamilyHttpSigner.CHUNK_ENCODING_ENABLED, false)
						.build())
					.toList());
			}
		}

	}

}
