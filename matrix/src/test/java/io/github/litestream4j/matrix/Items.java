package io.github.litestream4j.matrix;

import java.util.List;

import javax.sql.DataSource;

import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Rows that an application keeps, each in a transaction of its own.
 *
 * @param jdbc what they are written with
 */
record Items(JdbcTemplate jdbc) {

	static Items in(DataSource dataSource) {
		return new Items(new JdbcTemplate(dataSource));
	}

	void write(String... texts) {
		this.jdbc.execute("CREATE TABLE IF NOT EXISTS item (id INTEGER PRIMARY KEY, text TEXT NOT NULL)");
		for (String text : texts) {
			this.jdbc.update("INSERT INTO item (text) VALUES (?)", text);
		}
	}

	List<String> read() {
		return this.jdbc.queryForList("SELECT text FROM item ORDER BY id", String.class);
	}

	void assertRead(String... texts) {
		assertThat(read()).containsExactly(texts);
	}

}
