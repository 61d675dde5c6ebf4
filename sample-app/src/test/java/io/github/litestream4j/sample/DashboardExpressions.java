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
	 * The expressions of all panels, and what the variables are filled from.
	 * @return in the order of the file
	 */
	static List<String> all() throws IOException {
		List<String> expressions = new ArrayList<>();
		for (JsonNode panel : board().get("panels")) {
			panel.get("targets").forEach((target) -> expressions.add(target.get("expr").asString()));
		}
		return expressions;
	}

}
