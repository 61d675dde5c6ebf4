package io.github.litestream4j.sample;

import java.util.List;

import org.springframework.jdbc.core.RowMapper;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * The notes in the database.
 */
@Repository
class Notes {

	private static final RowMapper<Note> NOTE = (row, number) -> new Note(row.getLong("id"), row.getString("text"));

	private final JdbcClient jdbc;

	Notes(JdbcClient jdbc) {
		this.jdbc = jdbc;
	}

	List<Note> newest(int limit) {
		return this.jdbc.sql("SELECT id, text FROM note ORDER BY id DESC LIMIT ?").param(limit).query(NOTE).list();
	}

	Note add(String text) {
		return this.jdbc.sql("INSERT INTO note (text) VALUES (?) RETURNING id, text").param(text).query(NOTE).single();
	}

	/**
	 * Delete a note.
	 * @param id its number
	 * @return whether there was one
	 */
	boolean delete(long id) {
		return this.jdbc.sql("DELETE FROM note WHERE id = ?").param(id).update() > 0;
	}

	long count() {
		return this.jdbc.sql("SELECT count(*) FROM note").query(Long.class).single();
	}

}
