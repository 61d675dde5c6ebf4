package io.github.litestream4j.session;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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
	 * Print the ledger's count and last number.
	 * @param arguments the VFS's shared library
	 */
	public static void main(String[] arguments) throws SQLException {
		SQLiteConfig config = new SQLiteConfig();
		config.enableLoadExtension(true);
		try (Connection loader = config.createConnection("jdbc:sqlite::memory:");
				Statement statement = loader.createStatement()) {
			statement.execute("SELECT load_extension('" + arguments[0] + "')");
			SQLiteConfig readOnly = new SQLiteConfig();
			readOnly.setReadOnly(true);
			try (Connection connection = readOnly.createConnection("jdbc:sqlite:file:/app.db?vfs=litestream");
					Statement query = connection.createStatement();
					ResultSet rows = query.executeQuery("SELECT count(*), max(seq) FROM ledger")) {
				rows.next();
				System.out.println("ledger " + rows.getLong(1) + " " + rows.getLong(2));
			}
		}
	}

	static ChildProcess start(String replicaUrl, Map<String, String> credentials, Path folder) {
		Map<String, String> environment = new HashMap<>(credentials);
		environment.put("LITESTREAM_REPLICA_URL", replicaUrl);
		return ChildProcess.startJava(List.of("-cp", System.getProperty("java.class.path"), VfsReader.class.getName(),
				LitestreamBinary.vfs().toString()), environment, folder, folder.resolve("vfs.log"));
	}

}
