package io.github.litestream4j.sample;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One line of what Prometheus scrapes.
 *
 * @param name the metric's name
 * @param labels the labels as they stand between the braces
 * @param value the value, which may be NaN
 */
record PrometheusSample(String name, String labels, double value) {

	private static final Pattern LINE = Pattern.compile("^([a-z_]+)(?:\\{(.*)\\})? (\\S+)$", Pattern.MULTILINE);

	private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"([^\"]*)\"");

	static List<PrometheusSample> parse(String scrape) {
		return LINE.matcher(scrape)
			.results()
			.map((line) -> new PrometheusSample(line.group(1), (line.group(2) != null) ? line.group(2) : "",
					Double.parseDouble(line.group(3))))
			.toList();
	}

	Set<String> labelNames() {
		Set<String> names = new TreeSet<>();
		LABEL.matcher(this.labels).results().forEach((label) -> names.add(label.group(1)));
		return names;
	}

	/**
	 * The value of a label.
	 * @param name its name
	 * @return empty when there is no such label
	 */
	String label(String name) {
		Matcher label = LABEL.matcher(this.labels);
		while (label.find()) {
			if (label.group(1).equals(name)) {
				return label.group(2);
			}
		}
		return "";
	}

}
