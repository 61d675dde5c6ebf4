package io.github.litestream4j.session;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

import io.github.litestream4j.ConfigurationException;
import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.replication.ReplicatorSettings;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.testsupport.FaultyStorage;
import io.github.litestream4j.testsupport.FaultyStorage.Operation;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * What cannot be replicated is refused, and no file is made or altered by that.
 */
class BadInputTests {

	@TempDir
	Path folder;

	@TempDir
	Path logs;

	private Path database;

	private FileReplicaStorage stored;

	private FaultyStorage storage;

	@BeforeEach
	void prepare() throws Exception {
		this.folder = this.folder.toRealPath();
		this.database = this.folder.resolve("app.db");
		this.stored = new FileReplicaStorage(this.folder.resolve("replica"));
		this.storage = new FaultyStorage(this.stored);
	}

	static List<byte[]> noDatabases() {
		byte[] page = new byte[4096];
		byte[] header = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);
		List<byte[]> all = new ArrayList<>();
		all.add("x".getBytes(StandardCharsets.US_ASCII));
		all.add("This is a note, and no database. ".repeat(200).getBytes(StandardCharsets.US_ASCII));
		all.add(page);
		all.add(header);
		byte[] pageSize = page.clone();
		System.arraycopy(header, 0, pageSize, 0, header.length);
		all.add(pageSize);
		byte[] odd = pageSize.clone();
		odd[16] = 0x10;
		odd[17] = 1;
		all.add(odd);
		return all;
	}

	@ParameterizedTest
	@MethodSource("noDatabases")
	void aFileThatIsNoDatabase(byte[] content) throws Exception {
		Files.write(this.database, content);
		assertThat(refused(this.database, ConfigurationException.class)).contains("is not a SQLite database")
			.contains(this.database.toString());
	}

	@Test
	void aFolderInsteadOfAFile() throws Exception {
		Files.createDirectory(this.database);
		assertThat(refused(this.database, ConfigurationException.class)).contains(this.database.toString())
			.contains("not a file");
	}

	@Test
	void aFolderThatIsNotThere() throws Exception {
		Path database = this.folder.resolve("missing/app.db");
		assertThat(refused(database, ConfigurationException.class)).contains(database.toString())
			.contains("does not exist")
			.contains("Create it");
	}

	@Test
	void aFileInsteadOfItsFolder() throws Exception {
		Path file = Files.writeString(this.folder.resolve("file"), "content");
		assertThat(refused(file.resolve("app.db"), ConfigurationException.class)).contains("does not exist");
	}

	@Test
	void aFileInsteadOfTheStagingFolder() throws Exception {
		Path staging = Files.writeString(this.folder.resolve(".app.db-litestream"), "content");
		assertThat(refused(this.database, ConfigurationException.class)).contains(staging.toString())
			.contains("litestream.staging-directory");
	}

	@Test
	void anotherPageSizeThanTheReplicas() throws Exception {
		fillReplica();
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + this.database);
				Statement statement = connection.createStatement()) {
			statement.execute("PRAGMA page_size=1024");
			statement.execute("CREATE TABLE other(id)");
		}
		assertThat(refused(this.database, ConfigurationException.class)).contains("1024")
			.contains("4096")
			.contains("litestream.replica.url");
	}

	@Test
	void aReplicaThatCannotBeListed() throws Exception {
		this.storage.failAlways(Operation.LIST);
		assertThat(refused(this.database, StorageUnavailableException.class)).contains("LIST fails on demand");
		this.storage.heal();
		fillReplica();
		this.storage.failAlways(Operation.LIST);
		assertThat(refused(this.database, StorageUnavailableException.class)).contains("LIST fails on demand");
	}

	@Test
	void aReplicaOfWhichOneLevelCannotBeListed() throws Exception {
		for (int level = 0; level <= LtxKey.SNAPSHOT_LEVEL; level++) {
			ReplicaStorage broken = withoutLevel(level);
			SortedMap<String, String> before = files();
			StorageUnavailableException failure = catchThrowableOfType(StorageUnavailableException.class,
					() -> DatabaseSession.open(settings(this.database), RestoreSettings.DEFAULT, broken));
			assertThat(failure).hasMessageContaining("level " + level + " answers 503");
			assertThat(files()).isEqualTo(before);
		}
	}

	@Test
	void aReplicaWhoseFilesCannotBeRead() throws Exception {
		fillReplica();
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + this.database);
				Statement statement = connection.createStatement()) {
			statement.execute("CREATE TABLE other(id)");
		}
		this.storage.failAlways(Operation.READ);
		refused(this.database, StorageUnavailableException.class);
		this.storage.heal();
		this.storage.cutReads(1, 50);
		assertThat(refused(this.database, StorageUnavailableException.class)).contains("level 9");
	}

	@Test
	void aReadOnlyFileAndAReadOnlyFolder() throws Exception {
		Path readOnlyFile = Files.createDirectory(this.folder.resolve("a")).resolve("app.db");
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + readOnlyFile);
				Statement statement = connection.createStatement()) {
			statement.execute("CREATE TABLE t(id)");
		}
		Path closed = Files.createDirectory(this.folder.resolve("b"));
		Files.setPosixFilePermissions(readOnlyFile, PosixFilePermissions.fromString("r--r--r--"));
		Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("r-xr-xr-x"));
		SortedMap<String, String> before = files();
		try {
			String output = OpenProcess.run(withoutPrivileges(closed), this.logs, readOnlyFile,
					closed.resolve("app.db"));
			assertThat(output.lines().filter((line) -> line.startsWith("ConfigurationException"))).satisfiesExactly(
					(line) -> assertThat(line).contains(readOnlyFile.toString()).contains("Change its permissions"),
					(line) -> assertThat(line).contains(closed.toString()).contains("not writable"));
			assertThat(files()).isEqualTo(before);
		}
		finally {
			Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwxr-xr-x"));
		}
	}

	/** A superuser may write what is read-only: that right is taken away. */
	private static List<String> withoutPrivileges(Path readOnly) {
		return Files.isWritable(readOnly) ? List.of("setpriv", "--bounding-set=-dac_override,-dac_read_search")
				: List.of();
	}

	private <T extends LitestreamException> String refused(Path database, Class<T> type) throws Exception {
		SortedMap<String, String> before = files();
		String message = "";
		// Twice: what a refusal left behind could change the next one
		for (int i = 0; i < 2; i++) {
			T failure = catchThrowableOfType(type,
					() -> DatabaseSession.open(settings(database), RestoreSettings.DEFAULT, this.storage));
			assertThat(failure).as("attempt %d", i).isNotNull();
			message = String.valueOf(failure.getMessage());
			assertThat(files()).as(message).isEqualTo(before);
			if (type == StorageUnavailableException.class) {
				break;
			}
		}
		return message;
	}

	private static ReplicatorSettings settings(Path database) {
		return ReplicatorSettings.of("app", database);
	}

	/** A replica of 4096-byte pages, made from a database elsewhere. */
	private void fillReplica() throws Exception {
		Path elsewhere = Files.createDirectory(this.folder.resolve("elsewhere")).resolve("app.db");
		DatabaseSession session = DatabaseSession.open(settings(elsewhere), RestoreSettings.DEFAULT, this.stored);
		assertThat(session.close(Duration.ofSeconds(20))).isTrue();
		assertThat(this.stored.list(LtxKey.SNAPSHOT_LEVEL)).hasSize(1);
	}

	private ReplicaStorage withoutLevel(int level) {
		return (ReplicaStorage) Proxy.newProxyInstance(getClass().getClassLoader(),
				new Class<?>[] { ReplicaStorage.class }, (proxy, method, arguments) -> {
					if (method.getName().equals("list") && arguments[0].equals(level)) {
						throw new StorageUnavailableException("level " + level + " answers 503");
					}
					try {
						return method.invoke(this.stored, arguments);
					}
					catch (InvocationTargetException ex) {
						throw ex.getTargetException();
					}
				});
	}

	/** Every file and folder with its bytes. */
	private SortedMap<String, String> files() throws IOException {
		SortedMap<String, String> files = new TreeMap<>();
		try (var walk = Files.walk(this.folder)) {
			walk.forEach((path) -> files.put(this.folder.relativize(path).toString(), describe(path)));
		}
		return files;
	}

	private static String describe(Path path) {
		try {
			String content = Files.isDirectory(path) ? "folder"
					: new BigInteger(1, MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(path)))
						.toString(16);
			return Files.getPosixFilePermissions(path) + " " + Files.getLastModifiedTime(path) + " " + content;
		}
		catch (IOException | NoSuchAlgorithmException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
