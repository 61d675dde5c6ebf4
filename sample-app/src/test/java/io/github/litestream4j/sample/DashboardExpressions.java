package io.github.litestream4j.sample;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What {@code docs/grafana/litestream-dashboard.json} asks Prometheus for.
 */
final class DashboardExpressions {

	static final Path FILE = Path.of("..", "docs", "grafana", "litestream-dashboard.json");

	private DashboardExpressions() {
	}

	static JsonNode board() throws IOException {
		return new JsonMapper().readTree(Files.readString(FILE));
	}

	/**
	 * The expressions of all panels.
	 * @return in the order of the file
	 */
	static List<String> all() throws IOException {
		List<String> expressions = new ArrayList<>();
		for (JsonNode panel : board().get("panels")) {
			panel.get("targets").forEach((target) -> expressions.add(target.get("expr").asString()));
		}
		return expressions;
	}

	/**
	 * What its variables are filled from, functions of Grafana.
	 * @return in the order of the file
	 */
	static List<String> variables() throws IOException {
		List<String> queries = new ArrayList<>();
		for (JsonNode variable : board().get("templating").get("list")) {
			if (variable.get("type").asString().equals("query")) {
				queries.add(variable.get("query").get("query").asString());
			}
		}
		return queries;
	}

}
