package io.github.litestream4j.matrix;

import io.github.litestream4j.testsupport.S3Server;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * A replica in S3, reached by the client that Spring Cloud AWS makes.
 */
class S3Tests extends AbstractMatrixTests {

	@Test
	@DisplayName("Replica: S3, by Spring Cloud AWS")
	void s3() {
		try (S3Server server = S3Server.in(this.folder.resolve("server")).start()) {
			assertSurvives("litestream.replica.url=s3://" + server.createBucket("matrix") + "/app",
					"spring.cloud.aws.s3.endpoint=" + server.endpoint(),
					"spring.cloud.aws.s3.path-style-access-enabled=true", "spring.cloud.aws.region.static=us-east-1",
					"spring.cloud.aws.credentials.access-key=" + server.accessKey(),
					"spring.cloud.aws.credentials.secret-key=" + server.secretKey());
		}
	}

}
