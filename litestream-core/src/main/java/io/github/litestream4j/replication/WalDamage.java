package io.github.litestream4j.replication;

import java.io.IOException;
import java.util.Optional;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.database.LiveDatabase;
import io.github.litestream4j.wal.WalFile;
import io.github.litestream4j.wal.WalHeader;
import io.github.litestream4j.wal.WalIndexHeader;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Refuses a database whose WAL is damaged before the end of what was captured from it. To
 * SQLite the WAL ends before the damage: the commits behind it are gone from the
 * database, and an older state would be stored as the newest one.
 * <p>
 * A WAL that another process has copied back, and truncated, deleted or restarted, is
 * none of this: it has no frame of the run that was captured, or salts of its own.
 *
 * @param database the database
 * @param staging what is staged
 * @param settings what is replicated
 * @param replica the replica's URL
 */
record WalDamage(LiveDatabase database, Staging staging, ReplicatorSettings settings, String replica) {

	private static final Logger logger = LoggerFactory.getLogger(WalDamage.class);

	/**
	 * Check the WAL. Costs one frame where it is sound.
	 * @param position the position that the last process left
	 * @throws CorruptDataException when commits were lost, or may be hidden by older ones
	 */
	void requireNone(CapturePosition position) throws IOException {
		Optional<WalFile> file = this.database.wal();
		if (file.isEmpty() || position.wal().offset() <= WalHeader.SIZE || file.get().size() < WalHeader.SIZE) {
			return;
		}
		WalFile wal = file.get();
		Optional<String> damage = headerDamage(wal);
		if (damage.isPresent()) {
			refuse(wal, position, damage.get(), WalHeader.SIZE);
			return;
		}
		WalIndexHeader index = this.database.index();
		WalHeader header = wal.header();
		boolean another = !position.wal().isSameRun(header.salt1(), header.salt2())
				|| header.pageSize() != position.pageSize();
		boolean whole = position.isSameRun(index) && index.endOffset() >= position.wal().offset()
				&& wal.continuesFrom(header, position.wal());
		if (!another && !whole) {
			String found = wal.flaw(header, position.wal().offset())
				.orElseGet(() -> "frame %d is sound, but SQLite does not take it".formatted(index.frames() + 1));
			refuse(wal, position, found, index.endOffset());
		}
	}

	/**
	 * SQLite leaves a WAL without a header only when it leaves it empty: after a loss of
	 * power it may be as long as it was, and hold zeros.
	 */
	private static Optional<String> headerDamage(WalFile wal) throws IOException {
		try {
			wal.header();
			return Optional.empty();
		}
		catch (CorruptDataException ex) {
			return Optional.of("its header is damaged: " + ex.getMessage());
		}
	}

	private void refuse(WalFile wal, CapturePosition position, String damage, long end) throws IOException {
		boolean ignored = this.database.index().frames() == 0;
		if (position.sealed() && ignored) {
			logger.warn("The WAL {} is damaged: {}. Nothing is lost, all of it was copied into the database file.", wal,
					damage);
			return;
		}
		if (position.sealed()) {
			throw new CorruptDataException(
					"The WAL %s is damaged: %s. All of it was copied into the database file, where the older pages before the damage would hide newer ones. Delete %s, while no process has the database open: nothing is lost by that."
						.formatted(wal, damage, wal));
		}
		throw new CorruptDataException(
				"The WAL %s is damaged: %s. The database has lost the transactions from TXID %s to %s, which %s holds, or %s until they are stored. Move %s, with its -wal and -shm, aside: the next start restores it. To lose those transactions and go on with what SQLite still reads, delete %s."
					.formatted(wal, damage, this.staging.firstFrom(position, end), position.txid(), this.replica,
							this.settings.stagingDirectory(), this.settings.database(),
							this.settings.stagingDirectory()));
	}

}
