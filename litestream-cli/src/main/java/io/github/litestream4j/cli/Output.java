package io.github.litestream4j.cli;

import java.io.PrintWriter;
import java.util.Locale;

import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Where a command writes: what was asked for to one stream, messages to the other.
 *
 * @param out takes what was asked for
 * @param err takes messages
 * @param terminal whether somebody looks at it as it comes
 */
record Output(PrintWriter out, PrintWriter err, boolean terminal) {

	private static final ObjectWriter JSON = JsonMapper.builder()
		.enable(SerializationFeature.INDENT_OUTPUT)
		.build()
		.writer();

	/**
	 * Write JSON.
	 * @param value a record
	 */
	void json(Object value) {
		this.out.println(JSON.writeValueAsString(value));
	}

	/**
	 * Write a line of what was asked for.
	 */
	void line(String format, Object... arguments) {
		this.out.println(String.format(Locale.ROOT, format, arguments).stripTrailing());
	}

	/**
	 * Write a message.
	 */
	void message(String format, Object... arguments) {
		this.err.println(String.format(Locale.ROOT, format, arguments));
	}

	void flush() {
		this.out.flush();
		this.err.flush();
	}

}
