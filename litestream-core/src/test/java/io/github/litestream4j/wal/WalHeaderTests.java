package io.github.litestream4j.wal;

import java.nio.ByteBuffer;

import io.github.litestream4j.CorruptDataException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The first 32 bytes of a WAL.
 */
class WalHeaderTests {

	@ParameterizedTest
	@CsvSource({ "512,true", "512,false", "1024,true", "4096,false", "32768,true", "65536,false", "65536,true" })
	void isReadInBothByteOrders(int pageSize, boolean bigEndian) {
		WalBuilder wal = new WalBuilder(bigEndian, pageSize, 0xdeadbeef, 0x00000001);
		WalHeader header = WalHeader.decode(wal.bytes(), "app.db-wal");
		assertThat(header.bigEndian()).isEqualTo(bigEndian);
		assertThat(header.pageSize()).isEqualTo(pageSize);
		assertThat(header.start()).isEqualTo(wal.position());
		assertThat(header.frameSize()).isEqualTo(24 + pageSize);
	}

	@Test
	void everyFlippedBitIsFoundAndNamed() {
		byte[] sound = new WalBuilder(false, 4096, 0x12345678, 0x9abcdef0).bytes();
		for (int bit = 0; bit < sound.length * 8; bit++) {
			byte[] mutated = sound.clone();
			mutated[bit / 8] ^= (byte) (1 << (bit % 8));
			assertThatExceptionOfType(CorruptDataException.class).as("bit %d", bit)
				.isThrownBy(() -> WalHeader.decode(mutated, "app.db-wal"))
				.withMessageContaining("app.db-wal");
		}
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 1, 256, 513, 4095, 131072, Integer.MIN_VALUE })
	void anImpossiblePageSizeIsRefusedThoughItsChecksumFits(int pageSize) {
		byte[] bytes = new WalBuilder(true, pageSize, 1, 2).bytes();
		assertThatExceptionOfType(CorruptDataException.class).isThrownBy(() -> WalHeader.decode(bytes, "app.db-wal"))
			.withMessageContaining("page size of " + pageSize);
	}

	@Test
	void anotherVersionIsRefused() {
		byte[] bytes = ByteBuffer.wrap(new WalBuilder(true, 512, 1, 2).bytes()).putInt(4, 3008000).array();
		assertThatExceptionOfType(CorruptDataException.class).isThrownBy(() -> WalHeader.decode(bytes, "app.db-wal"))
			.withMessageContaining("3007000")
			.withMessageContaining("3008000");
	}

}
