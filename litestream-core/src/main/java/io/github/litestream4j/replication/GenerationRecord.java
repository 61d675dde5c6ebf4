package io.github.litestream4j.replication;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.ltx.Txid;

import org.jspecify.annotations.Nullable;

/**
 * What a replica has as the record of a generation, sound or not.
 *
 * @param first the generation's first TXID, which the file's name says, too
 * @param claim the TXID before which the generation before ends; of a damaged record its
 * first one, which is not much later
 * @param generation what it says, {@code null} when it is damaged
 * @param damage what is wrong with it, {@code null} when nothing is
 */
record GenerationRecord(Txid first, Txid claim, @Nullable Generation generation,
		@Nullable CorruptDataException damage) {

	static GenerationRecord of(Generation.Stored stored) {
		return new GenerationRecord(stored.generation().firstTxid(), stored.claim(), stored.generation(), null);
	}

	static GenerationRecord damaged(Txid first, CorruptDataException damage) {
		return new GenerationRecord(first, first, null, damage);
	}

	/**
	 * Whether it is that of a generation.
	 * @param id the generation's id
	 */
	boolean isOf(@Nullable String id) {
		return this.generation != null && this.generation.id().equals(id);
	}

	/**
	 * What it says.
	 * @throws CorruptDataException when it is damaged
	 */
	Generation sound() {
		if (this.generation == null) {
			throw new CorruptDataException((this.damage != null) ? String.valueOf(this.damage.getMessage()) : "",
					this.damage);
		}
		return this.generation;
	}

}
