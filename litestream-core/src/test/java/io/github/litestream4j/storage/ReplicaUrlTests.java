package io.github.litestream4j.storage;

import java.nio.file.Path;

import io.github.litestream4j.ConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class ReplicaUrlTests {

	@ParameterizedTest
	@CsvSource({ "s3://my-bucket/app, my-bucket, app", "s3://my-bucket, my-bucket, ''",
			"s3://my-bucket/, my-bucket, ''", "s3://my-bucket//a/b//, my-bucket, a/b",
			"S3://my.bucket_1/a b/ü@c:1, my.bucket_1, a b/ü@c:1", "'  s3://my-bucket/app ', my-bucket, app" })
	void readsABucketAndItsPrefix(String url, String bucket, String prefix) {
		assertThat(ReplicaUrl.parse(url)).isEqualTo(new ReplicaUrl.S3(bucket, prefix));
	}

	@ParameterizedTest
	@CsvSource({ "file:/var/replica, /var/replica", "file:///var/replica, /var/replica",
			"file:/var/./x/../replica/, /var/replica", "FILE:/var/a b/ü@home:1, /var/a b/ü@home:1" })
	void readsAFolder(String url, String folder) {
		assertThat(ReplicaUrl.parse(url)).isEqualTo(new ReplicaUrl.File(Path.of(folder).toAbsolutePath()));
	}

	@Test
	void readsARelativeFolderAsOneBelowTheWorkingDirectory() {
		assertThat(ReplicaUrl.parse("file:data/replica"))
			.isEqualTo(new ReplicaUrl.File(Path.of("").toAbsolutePath().resolve("data/replica")));
	}

	@ParameterizedTest
	@ValueSource(strings = { "s3://my-bucket/a/b", "s3://my-bucket", "file:/var/replica" })
	void writesItselfAsItIsRead(String url) {
		assertThat(ReplicaUrl.parse(url)).hasToString(url);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			''                           | is empty
			/var/replica                 | has no scheme
			my-bucket/app                | has no scheme
			C:\\replica                  | has no scheme
			gs://my-bucket/app           | has the unknown scheme 'gs'
			http://my-bucket/app         | has the unknown scheme 'http'
			s3:my-bucket/app             | names no bucket
			s3:/my-bucket/app            | names no bucket
			s3://                        | names no bucket
			s3:///app                    | names no bucket
			s3://-bad-/app               | which cannot be one
			s3://ab/app                  | which cannot be one
			s3://my bucket/app           | which cannot be one
			s3://my-bucket/a//b          | part in its prefix
			s3://my-bucket/a/../b        | part in its prefix
			s3://my-bucket/a?region=x    | has a query
			s3://my-bucket/a#b           | has a fragment
			s3://my-bucket/a%20b         | has a '%' in it
			s3://my-bucket:9000/app      | has credentials or a port
			s3://user@my-bucket/app      | has credentials or a port
			file:                        | has an empty path
			file://                      | has an empty path
			file:/                       | names the root folder
			file:///                     | names the root folder
			file://data/replica          | names a host
			file:/data?x=1               | has a query
			file:/data%20x               | has a '%' in it
			""")
	void saysWhatIsWrong(String url, String problem) {
		assertThatExceptionOfType(ConfigurationException.class).isThrownBy(() -> ReplicaUrl.parse(url))
			.withMessageContaining(problem)
			.withMessageMatching("(?s)The replica's URL .+: .+");
	}

	@ParameterizedTest
	@ValueSource(strings = { "s3://KEYID:secret@my-bucket/app", "s3://KEYID:sec/secret@my-bucket/app",
			"s3://my-bucket/app?key=KEYID&token=secret", "S4://KEYID:secret@my-bucket/app?x=secret",
			"s3:KEYID:secret@my-bucket/app", "s3://KEYID:secret/my-bucket", "file://KEYID:secret@host/app",
			"s3://a@KEYID:secret@my-bucket/app?secret@x" })
	void keepsCredentialsToItself(String url) {
		assertThatExceptionOfType(ConfigurationException.class).isThrownBy(() -> ReplicaUrl.parse(url))
			.satisfies((ex) -> assertThat(ex.getMessage()).doesNotContain("KEYID", "secret"));
	}

	@Test
	void refusesPlacesThatAreNone() {
		assertThatIllegalArgumentException().isThrownBy(() -> new ReplicaUrl.S3("", "app"));
		assertThatIllegalArgumentException().isThrownBy(() -> new ReplicaUrl.S3("bucket", "/app"));
		assertThatIllegalArgumentException().isThrownBy(() -> new ReplicaUrl.S3("bucket", "app/"));
		assertThatIllegalArgumentException().isThrownBy(() -> new ReplicaUrl.File(Path.of("app")));
	}

}
