package io.github.litestream4j.cli;

import java.io.PrintWriter;
import java.io.StringWriter;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One run of the program inside this JVM.
 *
 * @param exit its exit code
 * @param out what it wrote to standard output
 * @param err what it wrote to standard error
 */
record Run(int exit, String out, String err) {

	static Run of(String... arguments) {
		StringWriter out = new StringWriter();
		StringWriter err = new StringWriter();
		int exit = LitestreamCli.run(new Output(new PrintWriter(out), new PrintWriter(err), false), arguments);
		return new Run(exit, out.toString(), err.toString());
	}

	JsonNode json() {
		return JsonMapper.shared().readTree(this.out);
	}

}
