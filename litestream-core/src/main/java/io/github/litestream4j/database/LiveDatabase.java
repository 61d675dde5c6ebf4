package io.github.litestream4j.database;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

import io.github.litestream4j.ConfigurationException;
import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.wal.WalFile;
import io.github.litestream4j.wal.WalIndexHeader;

import org.jspecify.annotations.Nullable;

/**
 * One SQLite database while it is in use: what is committed, its pages, and the three
 * powers that replication needs, each a connection of our own. The guard keeps the WAL
 * from being restarted, the barrier keeps writers out for a moment, the checkpoint copies
 * the WAL back. Not safe for use by several threads, except {@link #index},
 * {@link #readPage} and {@link #openWal}.
 */
public final class LiveDatabase implements AutoCloseable {

	/** How often the index is read again at once, and then with pauses, and how long. */
	private static final int SPINS = 100;

	private static final long INDEX_PAUSE_NANOS = 100_000;

	private static final long INDEX_PATIENCE_NANOS = Duration.ofSeconds(1).toNanos();

	private final Path file;

	private final Path walPath;

	private final int pageSize;

	private final WriteBarrier barrier;

	private final Connection checkpointer;

	private final ReadGuard guard;

	private final PageFile pages;

	private final PageFile index;

	private @Nullable WalFile wal;

	private LiveDatabase(Path file, WriteBarrier barrier, Connection checkpointer, ReadGuard guard)
			throws IOException, SQLException {
		this.file = file.toRealPath();
		this.walPath = sibling(this.file, "-wal");
		this.barrier = barrier;
		this.checkpointer = checkpointer;
		this.guard = guard;
		this.pageSize = Integer.parseInt(Connections.queryString(barrier.connection(), "PRAGMA page_size"));
		this.pages = PageFile.of(this.file);
		this.index = PageFile.of(sibling(this.file, "-shm"));
	}

	/**
	 * Open a database, make it when it is not there, and hold the guard. The database is
	 * in WAL mode from here on.
	 * @param settings how to open it
	 * @return the database
	 * @throws ConfigurationException when it cannot be replicated
	 */
	public static LiveDatabase open(DatabaseSettings settings) {
		DatabaseHeader.check(settings.file());
		requireSoundDriver();
		try {
			return openConnections(settings);
		}
		catch (SQLException | IOException ex) {
			// Without its parameters, which may hold a key
			throw new ConfigurationException("The database %s cannot be opened as %s: %s".formatted(settings.file(),
					settings.jdbcUrl().replaceFirst("\\?.*", ""), ex.getMessage()), ex);
		}
	}

	/**
	 * Refuse a driver whose SQLite can corrupt a database that is checkpointed while it
	 * is written.
	 * @throws ConfigurationException when it is older than 3.51.3
	 */
	public static void requireSoundDriver() {
		try {
			Connections.requireSoundDriver();
		}
		catch (SQLException ex) {
			throw new ConfigurationException("The SQLite driver does not work: " + ex.getMessage(), ex);
		}
	}

	private static LiveDatabase openConnections(DatabaseSettings settings) throws SQLException, IOException {
		Deque<AutoCloseable> opened = new ArrayDeque<>();
		try {
			WriteBarrier barrier = opened(opened, new WriteBarrier(() -> Connections.barrier(settings)));
			String mode = Connections.queryString(barrier.connection(), "PRAGMA journal_mode");
			if (!"wal".equalsIgnoreCase(mode)) {
				throw new ConfigurationException(
						"The database %s cannot be put into WAL mode: SQLite answers '%s'. Is its folder on a file system without shared memory, or does another process hold it?"
							.formatted(settings.file(), mode));
			}
			Connection checkpointer = opened(opened, Connections.writer(settings));
			ReadGuard guard = opened(opened, new ReadGuard(() -> Connections.reader(settings)));
			guard.renew();
			return new LiveDatabase(settings.file(), barrier, checkpointer, guard);
		}
		catch (SQLException | IOException | RuntimeException ex) {
			for (AutoCloseable one : opened) {
				try {
					one.close();
				}
				catch (Exception close) {
					ex.addSuppressed(close);
				}
			}
			throw ex;
		}
	}

	private static <T extends AutoCloseable> T opened(Deque<AutoCloseable> all, T one) {
		all.add(one);
		return one;
	}

	/**
	 * A file of SQLite's beside a database file.
	 * @param database the database file
	 * @param suffix {@code -wal}, {@code -shm} or {@code -journal}
	 * @return the file
	 */
	public static Path sibling(Path database, String suffix) {
		return database.resolveSibling(database.getFileName() + suffix);
	}

	/**
	 * The database file itself, links followed.
	 * @return the real path
	 */
	public Path file() {
		return this.file;
	}

	public int pageSize() {
		return this.pageSize;
	}

	/**
	 * What SQLite holds for committed at this moment. Costs one short read. Safe for use
	 * by any thread.
	 * @return the header of the WAL's index
	 * @throws IOException when it cannot be read
	 */
	public WalIndexHeader index() throws IOException {
		byte[] bytes = new byte[WalIndexHeader.SIZE];
		long deadline = System.nanoTime() + INDEX_PATIENCE_NANOS;
		for (int tries = 1;; tries++) {
			boolean whole = this.index.read(bytes, 0) == bytes.length;
			Optional<WalIndexHeader> header = whole ? WalIndexHeader.decode(bytes) : Optional.empty();
			if (header.isPresent()) {
				return header.get();
			}
			if (System.nanoTime() >= deadline) {
				throw new IOException("the WAL's index beside " + this.file + " stayed unreadable");
			}
			if (tries <= SPINS) {
				Thread.onSpinWait();
			}
			else {
				// Its writer may have lost its processor between the header's two copies
				LockSupport.parkNanos(INDEX_PAUSE_NANOS);
			}
		}
	}

	/**
	 * The WAL file.
	 * @return the file, empty as long as there is none
	 * @throws IOException when it cannot be opened
	 */
	public Optional<WalFile> wal() throws IOException {
		if (this.wal == null) {
			try {
				this.wal = new WalFile(this.walPath);
			}
			catch (NoSuchFileException ex) {
				// The one error that means that there is none
				return Optional.empty();
			}
		}
		return Optional.ofNullable(this.wal);
	}

	/**
	 * Open the WAL file once more, for another thread.
	 * @return the file, to be closed by the caller
	 * @throws IOException when there is none
	 */
	public WalFile openWal() throws IOException {
		return new WalFile(this.walPath);
	}

	/**
	 * Whether the file at the database's path is still the one that was opened.
	 * @return {@code false} when it was deleted or replaced
	 * @throws IOException when it cannot be told
	 */
	public boolean isInPlace() throws IOException {
		return this.pages.isAt(this.file);
	}

	/**
	 * Read a page from the database file, as the last checkpoint left it. Safe for use by
	 * any thread.
	 * @param pageNumber from 1
	 * @param into where it is put, a page long; zeros beyond the file's end
	 * @throws IOException when it cannot be read
	 */
	public void readPage(long pageNumber, byte[] into) throws IOException {
		int length = this.pages.read(into, (pageNumber - 1) * this.pageSize);
		Arrays.fill(into, length, into.length, (byte) 0);
	}

	/**
	 * The database's size as its first page names it.
	 * @return in pages
	 */
	public long pageCount() {
		try {
			return Long.parseLong(Connections.queryString(this.barrier.connection(), "PRAGMA page_count"));
		}
		catch (SQLException ex) {
			throw failure("ask for the size of", ex);
		}
	}

	/**
	 * Hand the guard over to a read transaction that begins now. While it lasts, nobody
	 * can restart the WAL, nor copy a frame that was committed later into the database
	 * file.
	 */
	public void renewGuard() {
		try {
			this.guard.renew();
		}
		catch (SQLException ex) {
			throw failure("renew the read transaction on", ex);
		}
	}

	/**
	 * Keep all writers out, this process's and others'.
	 * @param wait how long to try
	 * @return {@code false} when somebody wrote all that time
	 */
	public boolean lockWriters(Duration wait) {
		try {
			return this.barrier.lock(wait);
		}
		catch (SQLException ex) {
			throw failure("take the write lock of", ex);
		}
	}

	/**
	 * Let the writers go on. Nothing was written meanwhile.
	 * @throws LitestreamException when SQLite cannot end the transaction; the writers go
	 * on nevertheless, since its connection is closed then
	 */
	public void unlockWriters() {
		try {
			this.barrier.unlock();
		}
		catch (SQLException ex) {
			throw failure("release the write lock of", ex);
		}
	}

	/**
	 * Copy as many frames back into the database file as no reader needs, and sync it.
	 * Never waits for anybody, and blocks nobody.
	 * @return what was done
	 */
	public Checkpoint checkpoint() {
		try (Statement statement = this.checkpointer.createStatement();
				ResultSet row = statement.executeQuery("PRAGMA wal_checkpoint(PASSIVE)")) {
			row.next();
			if (row.getInt(1) != 0) {
				return new Checkpoint(Long.MAX_VALUE, 0);
			}
			return new Checkpoint(Math.max(row.getLong(2), 0), Math.max(row.getLong(3), 0));
		}
		catch (SQLException ex) {
			throw failure("checkpoint", ex);
		}
	}

	private LitestreamException failure(String what, SQLException ex) {
		return new LitestreamException("Cannot " + what + " " + this.file + ": " + ex.getMessage(), ex);
	}

	/**
	 * Close all connections, the guard's last: the WAL stays where it is, so that the
	 * next start goes on from the same position. The application's own connections must
	 * be closed before.
	 */
	@Override
	public void close() {
		List<AutoCloseable> all = new ArrayList<>(List.of(this.barrier, this.checkpointer));
		if (this.wal != null) {
			all.add(this.wal);
		}
		all.add(this.guard);
		Exception failure = null;
		for (AutoCloseable one : all) {
			try {
				one.close();
			}
			catch (Exception ex) {
				if (failure == null) {
					failure = ex;
				}
				else {
					failure.addSuppressed(ex);
				}
			}
		}
		if (failure != null) {
			throw new LitestreamException("Cannot close " + this.file + ": " + failure.getMessage(), failure);
		}
	}

}
