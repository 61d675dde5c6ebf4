package io.github.litestream4j.storage.s3;

import java.net.URI;

import org.junit.jupiter.api.Test;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.junit.jupiter.Container;
import org.testcontainers.junit.jupiter.Testcontainers;
import org.testcontainers.utility.DockerImageName;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The storage with a second S3 server, where there is Docker.
 */
@Testcontainers(disabledWithoutDocker = true)
class S3ReplicaStorageContainerTests extends AbstractS3ReplicaStorageTests {

	private static final int PORT = 9090;

	@Container
	private static final GenericContainer<?> SERVER = new GenericContainer<>(
			DockerImageName.parse("adobe/s3mock:5.0.0"))
		.withExposedPorts(PORT)
		.waitingFor(Wait.forHttp("/favicon.ico").forPort(PORT));

	@Override
	protected URI endpoint() {
		return URI.create("http://" + SERVER.getHost() + ":" + SERVER.getMappedPort(PORT));
	}

	// This server looks for the key first and writes then, so that racers may all win.
	// One
	// after the other must do here; the race itself is run with S3Proxy.
	@Override
	@Test
	protected void letsExactlyOneOfManyWriteAFile() {
		assertThat(put(key(0, 1), bytes(10, 1))).isTrue();
		assertThat(put(key(0, 1), bytes(10, 2))).isFalse();
	}

	@Override
	@Test
	protected void letsExactlyOneOfManyWriteAFileOfOurOwn() {
		assertThat(storage().putMetaIfAbsent("replica.json", bytes(10, 1))).isTrue();
		assertThat(storage().putMetaIfAbsent("replica.json", bytes(10, 2))).isFalse();
	}

}
