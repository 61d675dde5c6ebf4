package io.github.litestream4j.replication;

import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.wal.WalIndexHeader;
import io.github.litestream4j.wal.WalPosition;

/**
 * How far a database is captured.
 *
 * @param txid the last transaction captured
 * @param pageSize in bytes
 * @param commit the database's size after it, in pages
 * @param wal where in the WAL it ends; {@link #NO_WAL} when there was no WAL yet
 * @param sealed whether every frame up to there is in the database file too, so that the
 * next run of the WAL continues from here
 * @param checksum the database's checksum there, 0 when it is not known
 * @param proven up to where the replica's files were proven to be ours when this process
 * began, 0 when they were not
 */
record CapturePosition(Txid txid, int pageSize, long commit, WalPosition wal, boolean sealed, long checksum,
		Txid proven) {

	/** Before any run: the first frames of whatever run comes continue from here. */
	static final WalPosition NO_WAL = new WalPosition(0, 0, 0, 0, 0);

	/** A position whose database checksum is not known. */
	CapturePosition(Txid txid, int pageSize, long commit, WalPosition wal, boolean sealed) {
		this(txid, pageSize, commit, wal, sealed, 0);
	}

	CapturePosition(Txid txid, int pageSize, long commit, WalPosition wal, boolean sealed, long checksum) {
		this(txid, pageSize, commit, wal, sealed, checksum, Txid.ZERO);
	}

	/**
	 * The position of everything that is committed now.
	 */
	static CapturePosition atEnd(Txid txid, int pageSize, long commit, WalIndexHeader index) {
		WalPosition wal = (index.frames() == 0) ? NO_WAL : index.end();
		return new CapturePosition(txid, pageSize, commit, wal, index.isBackfilled(), 0);
	}

	boolean isBeforeAnyWal() {
		return this.wal.equals(NO_WAL);
	}

	/**
	 * Whether the WAL's present run is the one of this position.
	 */
	boolean isSameRun(WalIndexHeader index) {
		return !isBeforeAnyWal() && this.wal.isSameRun(index.salt1(), index.salt2());
	}

	/**
	 * Whether the WAL's present run is the one that follows this position's: a restart
	 * adds one to the first salt (sqlite.org/fileformat2.html section 4.4).
	 */
	boolean isFollowedBy(WalIndexHeader index) {
		return isBeforeAnyWal() || (this.sealed && index.salt1() == this.wal.salt1() + 1);
	}

	/**
	 * Whether something is committed that this position does not have.
	 */
	boolean isBehind(WalIndexHeader index) {
		return index.frames() > 0 && !index.end().equals(this.wal);
	}

	/**
	 * How much is committed that this position does not have.
	 * @param index what is committed
	 * @return in bytes of the WAL
	 */
	long uncaptured(WalIndexHeader index) {
		if (!isBehind(index)) {
			return 0;
		}
		return index.endOffset() - (isSameRun(index) ? this.wal.offset() : 0);
	}

	CapturePosition advancedTo(Txid txid, long commit, WalPosition wal, long checksum) {
		return new CapturePosition(txid, this.pageSize, commit, wal, false, checksum, this.proven);
	}

	/**
	 * The same, with nothing captured yet of a run that follows.
	 */
	CapturePosition inRun(WalPosition start) {
		return new CapturePosition(this.txid, this.pageSize, this.commit, start, false, this.checksum, this.proven);
	}

	CapturePosition withChecksum(long checksum) {
		return new CapturePosition(this.txid, this.pageSize, this.commit, this.wal, this.sealed, checksum, this.proven);
	}

	CapturePosition sealed(boolean sealed) {
		return new CapturePosition(this.txid, this.pageSize, this.commit, this.wal, sealed, this.checksum, this.proven);
	}

	CapturePosition provenTo(Txid proven) {
		return new CapturePosition(this.txid, this.pageSize, this.commit, this.wal, this.sealed, this.checksum, proven);
	}

}
