package io.github.litestream4j.replication;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.MetaDocument;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * Each byte of each small file below {@code meta/}, changed to every other one, is named:
 * none is read as what it was, nor as anything else.
 */
class MetaFlipTests {

	private static final String PLACE = "meta/x in file:/replica";

	@Test
	void eachByteOfAnIdentityIsNamed() {
		ReplicaIdentity identity = ReplicaIdentity.create(4096);
		assertEachIsNamed(identity.encode(), (bytes) -> ReplicaIdentity.decode(bytes, PLACE));
	}

	@Test
	void eachByteOfAGenerationIsNamed() {
		Generation generation = new Generation("8d1b0c4a-1a3b-4c5d-9e8f-0123456789ab", new Txid(0x1a2bL),
				Instant.ofEpochMilli(1_700_000_000_123L), "history-claimed", "hôte-1:4711");
		assertEachIsNamed(new Generation.Stored(generation, new Txid(0x1a2aL)).encode(),
				(bytes) -> Generation.decode(bytes, PLACE));
	}

	@Test
	void eachByteOfWhatMustBeEscapedIsNamed() {
		Map<String, String> members = new LinkedHashMap<>();
		members.put("id", "");
		members.put("other", " \"2\" \\ \n\t Aa1 drei ü 😀 ");
		assertEachIsNamed(MetaDocument.encode(members), (bytes) -> MetaDocument.decode(bytes, PLACE));
	}

	private static void assertEachIsNamed(byte[] sound, Consumer<byte[]> reader) {
		reader.accept(sound);
		for (int at = 0; at < sound.length; at++) {
			for (int change = 1; change < 256; change++) {
				byte[] bytes = sound.clone();
				bytes[at] ^= (byte) change;
				CorruptDataException found = catchThrowableOfType(CorruptDataException.class,
						() -> reader.accept(bytes));
				if (found == null || !String.valueOf(found.getMessage()).startsWith(PLACE + " is damaged")) {
					assertThat(found).as("byte %d of %d changed from %d to %d", at, sound.length, sound[at], bytes[at])
						.isNotNull()
						.hasMessageStartingWith(PLACE + " is damaged");
				}
			}
		}
	}

}
