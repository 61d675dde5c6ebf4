package io.github.litestream4j.restore;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.litestream4j.UnreachablePointException;
import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.s3.S3ReplicaStorage;
import io.github.litestream4j.testsupport.S3Server;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.s3.S3Client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What it costs to find a time among very many files: each HTTP request is counted, also
 * those for the pages of listings.
 */
class RestorePlannerS3Tests {

	private static final int FILES = 10_000;

	private static final long START = 1_790_000_000;

	private final AtomicInteger requests = new AtomicInteger();

	@TempDir
	private Path folder;

	@Test
	void f38ATimeIsFoundAmongTenThousandFilesWithSixtyRequests() throws IOException {
		try (S3Server server = S3Server.in(this.folder).start(); S3Client client = client(server)) {
			String bucket = server.createBucket("many-files");
			fill(server.folder(bucket).resolve("app"));
			S3ReplicaStorage storage = new S3ReplicaStorage(client, bucket, "app");
			StringBuilder figures = new StringBuilder();
			for (int txid : new int[] { 1, 2, 17, 5000, 9999, FILES }) {
				this.requests.set(0);
				// Between two files, but for the last one, after which there is nothing
				Instant time = Instant.ofEpochSecond(START + 10L * txid).plusMillis((txid < FILES) ? 9000 : 0);
				RestorePlan plan = new RestorePlanner(storage).plan(null, time).orElseThrow();
				assertThat(plan.txid()).isEqualTo(new Txid(txid));
				assertThat(this.requests).hasValueBetween(10, 60);
				figures.append(' ').append(this.requests.get());
			}
			for (int seconds : new int[] { -1, 10 * FILES + 2 }) {
				this.requests.set(0);
				assertThatExceptionOfType(UnreachablePointException.class)
					.isThrownBy(() -> new RestorePlanner(storage).plan(null, Instant.ofEpochSecond(START + seconds)));
				assertThat(this.requests).hasValueBetween(10, 60);
				figures.append(' ').append(this.requests.get());
			}
			System.out.println("requests to find a time among " + FILES + " files:" + figures);
		}
	}

	/** An object's time is that of its last modification when it has none of its own. */
	private static void fill(Path replica) throws IOException {
		Path level0 = Files.createDirectories(replica.resolve("0000"));
		for (int txid = 2; txid <= FILES; txid++) {
			store(level0, txid, txid);
		}
		store(Files.createDirectories(replica.resolve("0009")), 1, 1);
	}

	private static void store(Path level, int min, int max) throws IOException {
		Path file = Files.write(level.resolve(new LtxFileName(new Txid(min), new Txid(max)).toString()),
				new byte[] { 1 });
		Files.setLastModifiedTime(file, FileTime.from(Instant.ofEpochSecond(START + 10L * max)));
	}

	private S3Client client(S3Server server) {
		return server.clientBuilder()
			.overrideConfiguration((configuration) -> configuration.addExecutionInterceptor(new ExecutionInterceptor() {

				@Override
				public void beforeTransmission(Context.BeforeTransmission context, ExecutionAttributes attributes) {
					RestorePlannerS3Tests.this.requests.incrementAndGet();
				}

			}))
			.build();
	}

}
