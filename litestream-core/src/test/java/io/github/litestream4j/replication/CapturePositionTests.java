package io.github.litestream4j.replication;

import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.wal.WalIndexHeader;
import io.github.litestream4j.wal.WalPosition;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a position says of a WAL.
 */
class CapturePositionTests {

	private static final int FRAME = 24 + 512;

	@Test
	void aLongerRunIsAhead() {
		CapturePosition position = CapturePosition.atEnd(Txid.FIRST, 512, 4, index(7, 2, 0));
		assertThat(position.isBehind(index(7, 2, 0))).isFalse();
		assertThat(position.isBehind(index(7, 2, 2))).as("checkpointed").isFalse();
		assertThat(position.isBehind(index(7, 3, 2))).isTrue();
		assertThat(position.isBehind(index(8, 1, 0))).isTrue();
		assertThat(position.isBehind(index(8, 0, 0))).isFalse();
	}

	@Test
	void onlyASealedRunHasAFollower() {
		CapturePosition open = CapturePosition.atEnd(Txid.FIRST, 512, 4, index(7, 2, 1));
		CapturePosition sealed = CapturePosition.atEnd(Txid.FIRST, 512, 4, index(7, 2, 2));
		assertThat(open.isFollowedBy(index(8, 1, 0))).isFalse();
		assertThat(sealed.isFollowedBy(index(8, 1, 0))).isTrue();
		assertThat(sealed.isFollowedBy(index(7, 3, 0))).isFalse();
		assertThat(sealed.isFollowedBy(index(9, 1, 0))).isFalse();
		assertThat(sealed.isFollowedBy(index(6, 1, 0))).isFalse();
	}

	@Test
	void saltsWrapAround() {
		CapturePosition sealed = CapturePosition.atEnd(Txid.FIRST, 512, 4, index(-1, 2, 2));
		assertThat(sealed.isFollowedBy(index(0, 1, 0))).isTrue();
		CapturePosition signed = CapturePosition.atEnd(Txid.FIRST, 512, 4, index(Integer.MAX_VALUE, 2, 2));
		assertThat(signed.isFollowedBy(index(Integer.MIN_VALUE, 1, 0))).isTrue();
	}

	@Test
	void withoutAWalAnyRunFollows() {
		CapturePosition position = CapturePosition.atEnd(Txid.FIRST, 512, 4, index(7, 0, 0));
		assertThat(position.isBeforeAnyWal()).isTrue();
		assertThat(position.isSameRun(index(0, 1, 0))).as("salts of 0 are salts like others").isFalse();
		assertThat(position.isFollowedBy(index(1234, 1, 0))).isTrue();
		assertThat(position.isBehind(index(7, 0, 0))).isFalse();
		assertThat(position.isBehind(index(7, 1, 0))).isTrue();
	}

	@Test
	void advancingOpensWhatWasSealed() {
		CapturePosition sealed = CapturePosition.atEnd(Txid.FIRST, 512, 4, index(7, 2, 2));
		WalPosition end = new WalPosition(8, 1, 32 + FRAME, 5, 6);
		CapturePosition next = sealed.advancedTo(new Txid(2), 9, end, 0);
		assertThat(next).isEqualTo(new CapturePosition(new Txid(2), 512, 9, end, false));
	}

	private static WalIndexHeader index(int salt1, long frames, long backfilled) {
		return new WalIndexHeader(1, 512, frames, 4, 11 * (int) frames, salt1, salt1, 99, backfilled, backfilled);
	}

}
