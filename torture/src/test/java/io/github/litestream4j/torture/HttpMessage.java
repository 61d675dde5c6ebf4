package io.github.litestream4j.torture;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

/**
 * One request or one answer, as it came over the wire.
 *
 * @param head the first line and the headers, with the empty line
 * @param body what follows, chunks as they are
 */
record HttpMessage(String head, byte[] body) {

	/**
	 * Read a head.
	 * @return {@code null} when the connection ended before it
	 */
	static @Nullable String readHead(InputStream in) throws IOException {
		ByteArrayOutputStream head = new ByteArrayOutputStream();
		int ends = 0;
		while (ends < 4) {
			int one = in.read();
			if (one < 0) {
				if (head.size() == 0) {
					return null;
				}
				throw new EOFException("the head ends after " + head.size() + " bytes");
			}
			head.write(one);
			ends = (one == ((ends % 2 == 0) ? '\r' : '\n')) ? ends + 1 : 0;
		}
		return head.toString(StandardCharsets.ISO_8859_1);
	}

	static byte[] readBody(String head, InputStream in) throws IOException {
		if (header(head, "transfer-encoding").map((value) -> value.equalsIgnoreCase("chunked")).orElse(false)) {
			return readChunks(in);
		}
		int length = header(head, "content-length").map(Integer::parseInt).orElse(0);
		byte[] body = in.readNBytes(length);
		if (body.length < length) {
			throw new EOFException("the body ends after " + body.length + " of " + length + " bytes");
		}
		return body;
	}

	/** The last chunk is the empty one. */
	private static byte[] readChunks(InputStream in) throws IOException {
		ByteArrayOutputStream body = new ByteArrayOutputStream();
		int size;
		do {
			String line = readLine(in);
			body.writeBytes(line.getBytes(StandardCharsets.ISO_8859_1));
			size = Integer.parseInt(line.strip().split(";")[0], 16);
			body.writeBytes(in.readNBytes(size));
			body.writeBytes(readLine(in).getBytes(StandardCharsets.ISO_8859_1));
		}
		while (size > 0);
		return body.toByteArray();
	}

	private static String readLine(InputStream in) throws IOException {
		StringBuilder line = new StringBuilder();
		int one;
		do {
			one = in.read();
			if (one < 0) {
				throw new EOFException("the answer ends within its chunks");
			}
			line.append((char) one);
		}
		while (one != '\n');
		return line.toString();
	}

	static Optional<String> header(String head, String name) {
		return head.lines()
			.filter((line) -> line.toLowerCase(Locale.ROOT).startsWith(name + ":"))
			.map((line) -> line.substring(name.length() + 1).strip())
			.findFirst();
	}

	static String without(String head, String name) {
		StringBuilder rest = new StringBuilder();
		head.lines()
			.filter((line) -> !line.toLowerCase(Locale.ROOT).startsWith(name + ":"))
			.forEach((line) -> rest.append(line).append("\r\n"));
		return rest.toString();
	}

	static HttpMessage error(int status, String code) {
		String body = "<?xml version=\"1.0\"?><Error><Code>" + code + "</Code><Message>on demand</Message></Error>";
		return new HttpMessage("HTTP/1.1 " + status + " " + code
				+ "\r\nContent-Type: application/xml\r\nContent-Length: " + body.length() + "\r\n\r\n",
				body.getBytes(StandardCharsets.ISO_8859_1));
	}

	String firstLine() {
		return this.head.substring(0, this.head.indexOf('\r'));
	}

	boolean isListing() {
		return firstLine().startsWith("GET ") && firstLine().contains("list-type=2");
	}

	byte[] bytes() {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		bytes.writeBytes(this.head.getBytes(StandardCharsets.ISO_8859_1));
		bytes.writeBytes(this.body);
		return bytes.toByteArray();
	}

}
