package io.github.litestream4j.storage;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalLong;

import io.github.litestream4j.CorruptDataException;

/**
 * A database checksum as storages keep it: 16 lower-case hex digits. Nothing else is
 * read: an upper-case digit is one with a flipped bit.
 */
public final class ChecksumText {

	/** Stands where none is any more, in a storage that cannot empty a file. */
	public static final String NONE = "-";

	/** How many bytes one is. */
	static final int LENGTH = 16;

	private ChecksumText() {
	}

	/**
	 * The name below {@code meta/} of the small file that holds the checksum of a file
	 * whose storage has no other place for it.
	 * @param key the file
	 * @return the name
	 */
	public static String metaName(LtxKey key) {
		return "checksums/" + key.level() + "/" + key.name();
	}

	public static String of(long checksum) {
		return HexFormat.of().toHexDigits(checksum);
	}

	public static byte[] bytes(long checksum) {
		return of(checksum).getBytes(StandardCharsets.US_ASCII);
	}

	/**
	 * Read a checksum.
	 * @param text 16 lower-case hex digits
	 * @param place what messages call the place that it was found in
	 * @return the checksum
	 * @throws CorruptDataException when it is anything else
	 */
	public static OptionalLong parse(String text, String place) {
		if (text.length() != LENGTH || !text.chars().allMatch(ChecksumText::isDigit)) {
			throw new CorruptDataException(
					"%s is not a database checksum: expected 16 lower-case hex digits, found '%s'. Remove it to restore without that check."
						.formatted(place, text.length() <= LENGTH ? text : text.substring(0, LENGTH) + "…"));
		}
		return OptionalLong.of(HexFormat.fromHexDigitsToLong(text));
	}

	private static boolean isDigit(int c) {
		return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
	}

	/**
	 * Read the checksum that is in a file of its own.
	 * @param content the file's, empty when it is not there
	 * @param place what messages call the file
	 * @return empty when it is not there, or was emptied since it is of a former file
	 * @throws CorruptDataException when it holds anything else
	 */
	public static OptionalLong find(Optional<byte[]> content, String place) {
		return content.map((bytes) -> new String(bytes, StandardCharsets.ISO_8859_1))
			.filter((text) -> !text.isEmpty() && !text.equals(NONE))
			.map((text) -> parse(text, place))
			.orElse(OptionalLong.empty());
	}

}
