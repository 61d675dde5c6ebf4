package io.github.litestream4j.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * A table in Markdown. Not safe for use by several threads.
 */
final class Table {

	/** A cell without a figure. */
	static final String NONE = "–";

	private final List<List<String>> rows = new ArrayList<>();

	Table(String... head) {
		this.rows.add(List.of(head));
	}

	void row(String... cells) {
		if (cells.length != this.rows.get(0).size()) {
			throw new IllegalArgumentException("a row of " + cells.length + " cells in " + this.rows.get(0));
		}
		this.rows.add(List.of(cells));
	}

	/**
	 * A row of figures of the same kind.
	 * @param name what is measured
	 * @param runs one for each column, {@code null} where it was not measured
	 * @param figure the figure of a run
	 */
	void row(String name, List<? extends @Nullable Run> runs, Function<Run, String> figure) {
		row(Stream.concat(Stream.of(name), runs.stream().map((run) -> (run != null) ? figure.apply(run) : NONE))
			.toArray(String[]::new));
	}

	/**
	 * A time with two or three digits, or whole milliseconds.
	 * @param time not negative
	 */
	static String time(Duration time) {
		double millis = time.toNanos() / 1e6;
		if (millis < 10) {
			return String.format(Locale.ROOT, "%.2f ms", millis);
		}
		if (millis < 100) {
			return String.format(Locale.ROOT, "%.1f ms", millis);
		}
		return String.format(Locale.ROOT, "%,.0f ms", millis);
	}

	@Override
	public String toString() {
		int[] widths = new int[this.rows.get(0).size()];
		for (List<String> row : this.rows) {
			for (int i = 0; i < widths.length; i++) {
				widths[i] = Math.max(widths[i], row.get(i).length());
			}
		}
		List<String> lines = new ArrayList<>();
		for (List<String> row : this.rows) {
			lines.add(line(row, widths));
			if (lines.size() == 1) {
				lines.add(line(row.stream().map((cell) -> "---").toList(), widths));
			}
		}
		return String.join("\n", lines);
	}

	private static String line(List<String> cells, int[] widths) {
		List<String> padded = new ArrayList<>();
		for (int i = 0; i < widths.length; i++) {
			String fill = cells.get(i).equals("---") ? "-" : " ";
			padded.add(cells.get(i) + fill.repeat(widths[i] - cells.get(i).length()));
		}
		return padded.stream().collect(Collectors.joining(" | ", "| ", " |"));
	}

}
