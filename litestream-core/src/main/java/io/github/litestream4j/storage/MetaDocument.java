package io.github.litestream4j.storage;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

import io.github.litestream4j.CorruptDataException;

import org.jspecify.annotations.Nullable;

/**
 * A small JSON file of ours: one flat object of texts, whose last member is the CRC-32C
 * of the object without it. No more of JSON is written, and no more is read. Safe for use
 * by several threads.
 */
public final class MetaDocument {

	private static final String CRC = "crc32c";

	private static final Pattern MEMBER = Pattern
		.compile("\\s*\"([A-Za-z0-9]+)\"\\s*:\\s*\"((?:[^\"\\\\\\x00-\\x1f]|\\\\u[0-9a-f]{4})*)\"\\s*");

	private static final Pattern ESCAPE = Pattern.compile("\\\\u([0-9a-f]{4})");

	private final Map<String, String> members;

	private final String place;

	private MetaDocument(Map<String, String> members, String place) {
		this.members = members;
		this.place = place;
	}

	/**
	 * Write a document.
	 * @param members its members in order
	 * @return its bytes
	 */
	public static byte[] encode(Map<String, String> members) {
		Map<String, String> all = new LinkedHashMap<>(members);
		all.put(CRC, crc(members));
		return json(all).getBytes(StandardCharsets.UTF_8);
	}

	/**
	 * Read a document.
	 * @param bytes its bytes
	 * @param place which file this is, for messages
	 * @return the document
	 * @throws CorruptDataException when it is damaged
	 */
	public static MetaDocument decode(byte[] bytes, String place) {
		Map<String, String> members = members(bytes).orElseThrow(() -> new CorruptDataException(
				"%s is damaged: expected a JSON object of texts, found %d bytes that are none. Put its former content back; if there is none, remove the file: what it said is then decided anew."
					.formatted(place, bytes.length)));
		String found = members.remove(CRC);
		String expected = crc(members);
		if (!expected.equals(found)) {
			throw new CorruptDataException(
					"%s is damaged: its content has the CRC-32C %s, but it names %s. Put its former content back; if there is none, remove the file: what it said is then decided anew."
						.formatted(place, expected, found));
		}
		return new MetaDocument(members, place);
	}

	/**
	 * A member that must be there.
	 * @param name its name
	 * @return its value
	 * @throws CorruptDataException when it is not there
	 */
	public String get(String name) {
		return find(name).orElseThrow(() -> invalid(name, "a value", null));
	}

	/**
	 * A member that may be there.
	 * @param name its name
	 * @return its value, empty when there is none
	 */
	public Optional<String> find(String name) {
		return Optional.ofNullable(this.members.get(name));
	}

	/**
	 * To be thrown when a sound file says what nobody wrote.
	 * @param name the member
	 * @param expected what it should be
	 * @param found what it is, {@code null} when it is not there
	 * @return the exception
	 */
	public CorruptDataException invalid(String name, String expected, @Nullable String found) {
		return new CorruptDataException("%s is not as we write it: expected %s for '%s', found %s. Was it made by hand?"
			.formatted(this.place, expected, name, found));
	}

	private static String crc(Map<String, String> members) {
		CRC32C crc = new CRC32C();
		crc.update(json(members).getBytes(StandardCharsets.UTF_8));
		return HexFormat.of().toHexDigits((int) crc.getValue());
	}

	private static String json(Map<String, String> members) {
		StringBuilder json = new StringBuilder("{");
		members.forEach((name, value) -> json.append((json.length() > 1) ? "," : "")
			.append('"')
			.append(name)
			.append("\":\"")
			.append(escaped(value))
			.append('"'));
		return json.append('}').toString();
	}

	private static String escaped(String value) {
		StringBuilder text = new StringBuilder();
		for (char c : value.toCharArray()) {
			if (c < ' ' || c == '"' || c == '\\') {
				text.append("\\u").append(HexFormat.of().toHexDigits((short) c));
			}
			else {
				text.append(c);
			}
		}
		return text.toString();
	}

	private static Optional<Map<String, String>> members(byte[] bytes) {
		String json;
		try {
			json = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString().strip();
		}
		catch (CharacterCodingException ex) {
			return Optional.empty();
		}
		Map<String, String> members = new LinkedHashMap<>();
		Matcher matcher = MEMBER.matcher(json);
		int at = 0;
		for (char before = '{'; at < json.length() && json.charAt(at) == before; before = ',') {
			matcher.region(at + 1, json.length());
			if (!matcher.lookingAt() || members.put(matcher.group(1), unescaped(matcher.group(2))) != null) {
				return Optional.empty();
			}
			at = matcher.end();
		}
		return json.substring(at).equals("}") ? Optional.of(members) : Optional.empty();
	}

	private static String unescaped(String text) {
		return ESCAPE.matcher(text)
			.replaceAll((match) -> Matcher
				.quoteReplacement(String.valueOf((char) HexFormat.fromHexDigits(match.group(1)))));
	}

}
