package io.github.litestream4j.restore;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;

import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.LtxHeader;
import io.github.litestream4j.ltx.LtxWriter;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.file.FileReplicaStorage;

/**
 * A replica in a folder that tests fill with databases and pages.
 */
final class TestReplica {

	private final FileReplicaStorage storage;

	TestReplica(Path folder) {
		this.storage = new FileReplicaStorage(folder);
	}

	FileReplicaStorage storage() {
		return this.storage;
	}

	/**
	 * Store a whole database in level 9.
	 */
	TestReplica snapshot(long max, byte[] database, int pageSize) {
		return store(9, 1, max, pageSize, database.length / pageSize, pages(database, pageSize));
	}

	/**
	 * Store what changed between two states of a database in level 0.
	 */
	TestReplica change(long txid, byte[] before, byte[] after, int pageSize) {
		SortedMap<Long, byte[]> pages = pages(after, pageSize);
		SortedMap<Long, byte[]> old = pages(before, pageSize);
		pages.entrySet().removeIf((page) -> Arrays.equals(page.getValue(), old.get(page.getKey())));
		return store(0, txid, txid, pageSize, after.length / pageSize, pages);
	}

	TestReplica store(int level, long min, long max, int pageSize, long commit, SortedMap<Long, byte[]> pages) {
		LtxFileName name = new LtxFileName(new Txid(min), new Txid(max));
		Instant time = Instant.ofEpochSecond(max);
		LtxHeader header = LtxHeader.of(pageSize, commit, name.min(), name.max(), time);
		this.storage.put(new LtxKey(level, name), time, (out) -> {
			try (LtxWriter writer = new LtxWriter(out, header)) {
				for (var page : pages.entrySet()) {
					writer.writePage(page.getKey(), page.getValue(), 0);
				}
				writer.finish(0);
			}
		});
		return this;
	}

	/**
	 * Store the checksum of a whole database with a file.
	 */
	TestReplica checksum(int level, long min, long max, long checksum) {
		this.storage.putDatabaseChecksum(new LtxKey(level, new LtxFileName(new Txid(min), new Txid(max))), checksum);
		return this;
	}

	static SortedMap<Long, byte[]> pages(byte[] database, int pageSize) {
		SortedMap<Long, byte[]> pages = new TreeMap<>();
		for (int at = 0; at < database.length; at += pageSize) {
			pages.put(at / pageSize + 1L, Arrays.copyOfRange(database, at, at + pageSize));
		}
		return pages;
	}

	/**
	 * Change a database by SQL.
	 * @return its bytes
	 */
	static byte[] database(Path file, String... statements) throws IOException {
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
				Statement statement = connection.createStatement()) {
			for (String sql : statements) {
				statement.execute(sql);
			}
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
		return Files.readAllBytes(file);
	}

}
