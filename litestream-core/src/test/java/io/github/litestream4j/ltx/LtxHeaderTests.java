package io.github.litestream4j.ltx;

import java.nio.ByteBuffer;
import java.time.Instant;

import io.github.litestream4j.CorruptDataException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link LtxHeader}.
 */
class LtxHeaderTests {

	private static final long CHECKSUM = 0x8000000000000001L;

	@Test
	void comesBackAsItWasWritten() {
		LtxHeader header = new LtxHeader(0, 65536, 0xffffffffL, new Txid(2), new Txid(-1), -5, CHECKSUM, 4152, 99, -3,
				0xcafe, -7);
		assertThat(LtxHeader.decode(header.encode())).isEqualTo(header);
	}

	@Test
	void standsAtTheDocumentedPlaces() {
		LtxHeader header = LtxHeader.of(4096, 258, new Txid(3), new Txid(4), Instant.ofEpochMilli(5))
			.withWal(32, 8240, 6, 7);
		ByteBuffer bytes = header.encode();
		assertThat(bytes.remaining()).isEqualTo(100);
		assertThat(bytes.get(3)).isEqualTo((byte) '1');
		assertThat(bytes.getInt(4)).isEqualTo(2);
		assertThat(bytes.getInt(8)).isEqualTo(4096);
		assertThat(bytes.getInt(12)).isEqualTo(258);
		assertThat(bytes.getLong(16)).isEqualTo(3);
		assertThat(bytes.getLong(24)).isEqualTo(4);
		assertThat(bytes.getLong(32)).isEqualTo(5);
		assertThat(bytes.getLong(40)).isZero();
		assertThat(bytes.getLong(48)).isEqualTo(32);
		assertThat(bytes.getLong(56)).isEqualTo(8240);
		assertThat(bytes.getInt(64)).isEqualTo(6);
		assertThat(bytes.getInt(68)).isEqualTo(7);
		assertThat(bytes.getLong(72)).isZero();
	}

	@Test
	void decodesFromThePositionAndMovesBehindIt() {
		LtxHeader header = LtxFiles.snapshot(512, 1);
		ByteBuffer bytes = ByteBuffer.allocate(110).put(7, header.encode().array(), 0, 100).position(7);
		assertThat(LtxHeader.decode(bytes)).isEqualTo(header);
		assertThat(bytes.position()).isEqualTo(107);
	}

	@ParameterizedTest
	@CsvSource({ "512, 2097153", "4096, 262145", "8192, 131073", "32768, 32769", "65536, 16385" })
	void knowsTheLockPage(int pageSize, long page) {
		assertThat(LtxHeader.lockPage(pageSize)).isEqualTo(page);
		assertThat(LtxFiles.snapshot(pageSize, 1).lockPage()).isEqualTo(page);
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, -1, 1, 256, 513, 4095, 131072, Integer.MIN_VALUE })
	void refusesAPageSize(int pageSize) {
		assertThatIllegalArgumentException().isThrownBy(() -> LtxFiles.snapshot(pageSize, 1))
			.withMessageContaining("page size");
	}

	@ParameterizedTest
	@ValueSource(longs = { 0, -1, 0x100000000L })
	void refusesACommitSize(long commit) {
		assertThatIllegalArgumentException().isThrownBy(() -> LtxFiles.snapshot(512, commit))
			.withMessageContaining("size");
	}

	@ParameterizedTest
	@CsvSource({ "0, 1", "0, 0", "2, 1", "-1, 1" })
	void refusesTxids(long min, long max) {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> LtxHeader.of(512, 1, new Txid(min), new Txid(max), Instant.EPOCH))
			.withMessageContaining("TXIDs");
	}

	@ParameterizedTest
	@CsvSource({ "-1, 0, 0, 0", "32, -1, 0, 0", "0, 1, 0, 0", "0, 0, 1, 0", "0, 0, 0, 1" })
	void refusesAPlaceInTheWal(long offset, long size, int salt1, int salt2) {
		LtxHeader header = LtxFiles.incremental(512, 1);
		assertThatIllegalArgumentException().isThrownBy(() -> header.withWal(offset, size, salt1, salt2))
			.withMessageContaining("WAL");
	}

	@ParameterizedTest
	@CsvSource({ "1, 2, 0", "4, 2, 0", "2, 1, -1", "2, 2, -1", "0, 1, -1", "0, 2, 0", "0, 2, 1" })
	void refusesFlagsAndAPreApplyChecksum(int flags, long min, long preApplyChecksum) {
		assertThatIllegalArgumentException().isThrownBy(
				() -> new LtxHeader(flags, 512, 1, new Txid(min), new Txid(9), 0, preApplyChecksum, 0, 0, 0, 0, 0));
	}

	@Test
	void saysWhatIsWrongWithBytes() {
		byte[] good = LtxFiles.snapshot(512, 1).encode().array();
		assertThatExceptionOfType(CorruptDataException.class)
			.isThrownBy(() -> LtxHeader.decode(ByteBuffer.allocate(99)))
			.withMessageContaining("100 bytes");
		assertThatExceptionOfType(CorruptDataException.class)
			.isThrownBy(() -> LtxHeader.decode(ByteBuffer.wrap(good.clone()).put(3, (byte) '2')))
			.withMessageContaining("LTX1");
		assertThatExceptionOfType(CorruptDataException.class)
			.isThrownBy(() -> LtxHeader.decode(ByteBuffer.wrap(good.clone()).putInt(8, 513)))
			.withMessageContaining("page size")
			.withMessageContaining("513");
		assertThatExceptionOfType(CorruptDataException.class)
			.isThrownBy(() -> LtxHeader.decode(ByteBuffer.wrap(good.clone()).put(99, (byte) 1)))
			.withMessageContaining("byte 99");
	}

}
