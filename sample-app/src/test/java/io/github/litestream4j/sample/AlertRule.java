package io.github.litestream4j.sample;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.yaml.snakeyaml.Yaml;

/**
 * One rule of {@code docs/prometheus/litestream-alerts.yml}.
 *
 * @param name the alert's name
 * @param expression what it fires on
 * @param labels its labels
 * @param annotations its annotations
 */
record AlertRule(String name, String expression, Map<String, String> labels, Map<String, String> annotations) {

	static final Path FILE = Path.of("..", "docs", "prometheus", "litestream-alerts.yml");

	static List<AlertRule> all() throws IOException {
		List<AlertRule> rules = new ArrayList<>();
		try (Reader reader = Files.newBufferedReader(FILE)) {
			Map<String, List<Map<String, List<Map<String, Object>>>>> file = new Yaml().load(reader);
			for (Map<String, List<Map<String, Object>>> group : file.get("groups")) {
				group.get("rules").forEach((rule) -> rules.add(of(rule)));
			}
		}
		return rules;
	}

	private static AlertRule of(Map<String, Object> rule) {
		return new AlertRule((String) rule.get("alert"), (String) rule.get("expr"), texts(rule.get("labels")),
				texts(rule.get("annotations")));
	}

	@SuppressWarnings("unchecked")
	private static Map<String, String> texts(Object map) {
		return (Map<String, String>) map;
	}

}
