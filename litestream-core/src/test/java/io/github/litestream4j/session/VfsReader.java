package io.github.litestream4j.session;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

import org.awaitility.Awaitility;

import io.github.litestream4j.testsupport.ChildProcess;
import io.github.litestream4j.testsupport.LitestreamBinary;
import org.sqlite.SQLiteConfig;

/**
 * A process that reads a replica through Litestream's own read-replica VFS.
 */
final class VfsReader {

	private VfsReader() {
	}

	/**
	 * Print the ledger's count and last number each time that it has changed, until a
	 * number is there.
	 * @param arguments the VFS's shared library, and the number
	 */
	public static void main(String[] arguments) throws Exception {
		SQLiteConfig config = new SQLiteConfig();
		config.enableLoadExtension(true);
		try (Connection loader = config.createConnection("jdbc:sqlite::memory:");
				Statement statement = loader.createStatement()) {
			statement.execute("SELECT load_extension('" + arguments[0] + "')");
			SQLiteConfig readOnly = new SQLiteConfig();
			readOnly.setReadOnly(true);
			try (Connection connection = readOnly.createConnection("jdbc:sqlite:file:/app.db?vfs=litestream");
					Statement query = connection.createStatement()) {
				printUntil(query, Long.parseLong(arguments[1]));
			}
		}
	}

	private static void printUntil(Statement query, long number) {
		AtomicLong before = new AtomicLong(-1);
		Awaitility.await().pollInterval(Duration.ofMillis(50)).atMost(Duration.ofMinutes(1)).until(() -> {
			try (ResultSet rows = query.executeQuery("SELECT count(*), max(seq) FROM ledger")) {
				rows.next();
				long last = rows.getLong(2);
				if (before.getAndSet(last) != last) {
					System.out.println("ledger " + rows.getLong(1) + " " + last);
				}
				return last >= number;
			}
		});
	}

	static ChildProcess start(String replicaUrl, Map<String, String> credentials, Path folder) {
		return start(replicaUrl, credentials, folder, 0);
	}

	/**
	 * Start one that ends when a number is in the ledger.
	 */
	static ChildProcess start(String replicaUrl, Map<String, String> credentials, Path folder, long until) {
		Map<String, String> environment = new HashMap<>(credentials);
		environment.put("LITESTREAM_REPLICA_URL", replicaUrl);
		return ChildProcess.startJava(
				List.of("-cp", System.getProperty("java.class.path"), VfsReader.class.getName(),
						LitestreamBinary.vfs().toString(), Long.toString(until)),
				environment, folder, folder.resolve("vfs.log"));
	}

}
