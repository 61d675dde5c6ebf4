package io.github.litestream4j.testsupport;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An S3 server (S3Proxy) in a JVM of its own, on a free port of the loopback interface.
 * Its buckets are folders, so what is stored outlives a stop, and it comes back on the
 * same port.
 */
public final class S3Server implements AutoCloseable {

	private static final Duration START_TIMEOUT = Duration.ofSeconds(60);

	private static final Duration STOP_TIMEOUT = Duration.ofSeconds(20);

	private static final String LOGGING = """
			<configuration>
			  <appender name="out" class="ch.qos.logback.core.ConsoleAppender">
			    <encoder><pattern>%d %-5level %logger{0} %msg%n</pattern></encoder>
			  </appender>
			  <root level="warn"><appender-ref ref="out"/></root>
			</configuration>
			""";

	private final Path folder;

	private final Path data;

	private final int port;

	private final String accessKey;

	private final String secretKey;

	private final boolean checksKeys;

	private @Nullable ChildProcess process;

	private S3Server(Path folder, String accessKey, String secretKey, boolean checksKeys) {
		this.folder = folder;
		this.data = folder.resolve("buckets");
		this.port = freePort();
		this.accessKey = accessKey;
		this.secretKey = secretKey;
		this.checksKeys = checksKeys;
	}

	/**
	 * A server that takes any credentials. It is not started yet.
	 * @param folder the folder of its buckets and its log
	 * @return the server
	 */
	public static S3Server in(Path folder) {
		return new S3Server(folder, "any", "any-secret", false);
	}

	/**
	 * A server that answers 403 to other credentials than these. It is not started yet.
	 * @param folder the folder of its buckets and its log
	 * @param accessKey the access key
	 * @param secretKey its secret
	 * @return the server
	 */
	public static S3Server in(Path folder, String accessKey, String secretKey) {
		return new S3Server(folder, accessKey, secretKey, true);
	}

	/**
	 * The server that all tests of a JVM may share, each with buckets of its own. It is
	 * running, and must not be stopped.
	 * @return the server
	 */
	public static S3Server shared() {
		return SharedS3Server.INSTANCE;
	}

	/**
	 * Start, and wait until it answers. Does nothing when it is running.
	 * @return this
	 */
	public synchronized S3Server start() {
		if (this.process != null && this.process.isAlive()) {
			return this;
		}
		ChildProcess started = ChildProcess.startJava(
				List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
						"-Dlogback.configurationFile=" + write("logback.xml", LOGGING), "-cp",
						TestPrograms.find("s3proxy.lib") + File.separator + "*", "org.gaul.s3proxy.Main",
						"--properties", write("s3proxy.properties", settings()).toString()),
				Map.of(), this.folder, log());
		this.process = started;
		try {
			Awaitility.await("S3 server")
				.atMost(START_TIMEOUT)
				.pollDelay(Duration.ZERO)
				.pollInterval(Duration.ofMillis(50))
				.failFast(() -> assertThat(started.isAlive()).as(started::output).isTrue())
				.until(this::answers);
		}
		catch (RuntimeException | Error ex) {
			started.kill();
			throw ex;
		}
		return this;
	}

	/** Stop it. What is stored stays. Does nothing when it is not running. */
	public synchronized void stop() {
		if (this.process != null) {
			this.process.terminate(STOP_TIMEOUT);
			this.process = null;
		}
	}

	@Override
	public void close() {
		stop();
	}

	/**
	 * Where it listens, to be used with path-style access.
	 * @return the same before, while and after it runs
	 */
	public URI endpoint() {
		return URI.create("http://127.0.0.1:" + this.port);
	}

	public String accessKey() {
		return this.accessKey;
	}

	public String secretKey() {
		return this.secretKey;
	}

	/**
	 * A client with the server's credentials, which whoever asks for it closes.
	 * @return a new one
	 */
	public S3Client client() {
		return clientBuilder().build();
	}

	/**
	 * A client with the server's credentials, and what else is set.
	 * @return its builder
	 */
	public S3ClientBuilder clientBuilder() {
		return clientBuilder(endpoint(), this.accessKey, this.secretKey);
	}

	/**
	 * A client of any S3 server on this machine.
	 * @param endpoint where the server listens
	 * @param accessKey the access key
	 * @param secretKey its secret
	 * @return its builder
	 */
	public static S3ClientBuilder clientBuilder(URI endpoint, String accessKey, String secretKey) {
		return S3Client.builder()
			.endpointOverride(endpoint)
			.forcePathStyle(true)
			.region(Region.US_EAST_1)
			.credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create(accessKey, secretKey)));
	}

	/**
	 * Make a bucket, unless there is one.
	 * @param name its name, three letters or more
	 * @return the name
	 */
	public String createBucket(String name) {
		try {
			Files.createDirectories(this.data.resolve(name));
			return name;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * The folder that a bucket's objects are files of, for tests that damage them.
	 * @param bucket the bucket
	 * @return the folder
	 */
	public Path folder(String bucket) {
		return this.data.resolve(bucket);
	}

	/**
	 * A replica's URL as the real Litestream takes it.
	 * @param bucket the bucket
	 * @param prefix what its keys begin with
	 * @return the URL
	 */
	public String litestreamUrl(String bucket, String prefix) {
		return "s3://" + bucket + "/" + prefix + "?endpoint=" + endpoint() + "&forcePathStyle=true&region=us-east-1";
	}

	/**
	 * The environment that the real Litestream needs for it.
	 * @return the credentials
	 */
	public Map<String, String> litestreamEnvironment() {
		return Map.of("AWS_ACCESS_KEY_ID", this.accessKey, "AWS_SECRET_ACCESS_KEY", this.secretKey, "AWS_REGION",
				"us-east-1");
	}

	/**
	 * What it has logged, warnings and errors.
	 * @return the file
	 */
	public Path log() {
		return this.folder.resolve("s3proxy.log");
	}

	private String settings() {
		String authorization = this.checksKeys ? """
				s3proxy.authorization=aws-v2-or-v4
				s3proxy.identity=%s
				s3proxy.credential=%s
				""".formatted(this.accessKey, this.secretKey) : "s3proxy.authorization=none\n";
		return authorization + """
				s3proxy.endpoint=%s
				jclouds.provider=filesystem-nio2
				jclouds.filesystem.basedir=%s
				""".formatted(endpoint(), this.data.toString().replace('\\', '/'));
	}

	private Path write(String name, String text) {
		try {
			Files.createDirectories(this.data);
			return Files.writeString(this.folder.resolve(name), text);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private boolean answers() {
		try (Socket socket = new Socket()) {
			socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), this.port), 1000);
			return true;
		}
		catch (IOException ex) {
			return false;
		}
	}

	private static int freePort() {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			return socket.getLocalPort();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
