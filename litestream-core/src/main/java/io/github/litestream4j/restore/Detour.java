package io.github.litestream4j.restore;

import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files that one state is made of, and others in the place of those that prove to be
 * damaged, as long as they make exactly that state. Not safe for use by several threads.
 * <p>
 * The same TXID is not yet the same state: beside a snapshot that begins a history a
 * writer that came too late may have left files which lead on from the one before. The
 * checksum that the writer of the state has stored with it proves which it is. Where
 * there is none, no way is taken past the beginning of a history, nor past a snapshot
 * whose own checksum is not that of its TXID.
 */
final class Detour {

	private static final Logger logger = LoggerFactory.getLogger(Detour.class);

	/** Where so much is damaged nobody should wait for the next one to be found. */
	private static final int MOST = 100;

	private final ReplicaStorage storage;

	private final RestorePlan meant;

	private final Set<LtxKey> damaged = new HashSet<>();

	private RestorePlan plan;

	private @Nullable CorruptDataException damage;

	/** Of the state; {@code null} until it was asked for. */
	private @Nullable OptionalLong checksum;

	/**
	 * Begin with the files that nothing is known against.
	 * @param storage where they are
	 * @param meant the plan, whose state is the one that counts
	 */
	Detour(ReplicaStorage storage, RestorePlan meant) {
		this.storage = storage;
		this.meant = meant;
		this.plan = meant;
	}

	/**
	 * The files to read.
	 */
	RestorePlan plan() {
		return this.plan;
	}

	/**
	 * The checksum that the database must have.
	 * @return that of its writer; empty when it stored none
	 * @throws CorruptDataException when what stands there is no checksum
	 */
	OptionalLong checksum() {
		OptionalLong known = meantChecksum();
		return (known.isPresent() || this.plan.last().equals(this.meant.last())) ? known
				: this.storage.databaseChecksum(this.plan.last());
	}

	private OptionalLong meantChecksum() {
		OptionalLong known = this.checksum;
		if (known == null) {
			known = this.storage.databaseChecksum(this.meant.last());
			this.checksum = known;
		}
		return known;
	}

	/**
	 * Plan anew without a file.
	 * @param file the file
	 * @param failure what was found in it
	 * @throws CorruptDataException that, when nothing else makes the state
	 */
	void avoid(StoredFile file, CorruptDataException failure) {
		this.damage = failure;
		if (!this.damaged.add(file.key()) || this.damaged.size() > MOST) {
			throw failure;
		}
		ReplicaFiles files = ReplicaFiles.of(this.storage);
		List<StoredFile> sound = files.all().stream().filter((each) -> !this.damaged.contains(each.key())).toList();
		this.plan = new FileChains(sound).to(this.meant.txid())
			.filter((other) -> isSame(other, files))
			.orElseThrow(() -> failure);
		logger.warn("{}. {} other files that make the same state, TXID {}, are read instead", failure.getMessage(),
				this.plan.files().size(), this.plan.txid());
	}

	/**
	 * What is to be thrown when the state could not be made, though no file is to blame.
	 * @param failure why
	 * @return that, or the damage that led to these files, for they are not those that
	 * were meant
	 */
	CorruptDataException cause(CorruptDataException failure) {
		CorruptDataException damage = this.damage;
		if (damage == null) {
			return failure;
		}
		logger.warn("What is read instead does not make the state that it should: {}", failure.getMessage());
		damage.addSuppressed(failure);
		return damage;
	}

	private boolean isSame(RestorePlan other, ReplicaFiles files) {
		if (meantChecksum().isPresent()) {
			return true;
		}
		Beginnings beginnings = new Beginnings(this.storage);
		Txid base = other.files().get(0).key().name().max();
		return files.levels()
			.get(LtxKey.SNAPSHOT_LEVEL)
			.stream()
			.filter((file) -> file.key().name().max().isAfter(base) && !file.key().name().max().isAfter(other.txid()))
			.noneMatch((file) -> beginnings.isRecorded(file.key().name().max()) || isContradicted(file, files));
	}

	private boolean isContradicted(StoredFile snapshot, ReplicaFiles files) {
		return files.all()
			.stream()
			.filter((file) -> file.key().name().max().equals(snapshot.key().name().max()))
			.map(this.storage::databaseChecksum)
			.filter(OptionalLong::isPresent)
			.distinct()
			.count() > 1;
	}

}
