package io.github.litestream4j.sample;

import java.net.URI;
import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/**
 * The notes over HTTP.
 */
@RestController
@RequestMapping("/notes")
class NotesController {

	private static final int MOST = 1000;

	private final Notes notes;

	NotesController(Notes notes) {
		this.notes = notes;
	}

	@GetMapping
	List<Note> newest(@RequestParam(defaultValue = "50") int limit) {
		if (limit < 1 || limit > MOST) {
			throw new ResponseStatusException(HttpStatus.BAD_REQUEST, "limit must be 1 to " + MOST + ", not " + limit);
		}
		return this.notes.newest(limit);
	}

	@GetMapping("/count")
	Count count() {
		return new Count(this.notes.count());
	}

	@PostMapping
	ResponseEntity<Note> add(@RequestBody NewNote note) {
		String text = note.text();
		if (text == null || text.isBlank()) {
			throw new ResponseStatusException(HttpStatus.BAD_REQUEST, "text must not be blank");
		}
		Note added = this.notes.add(text);
		return ResponseEntity.created(URI.create("/notes/" + added.id())).body(added);
	}

	@DeleteMapping("/{id}")
	@ResponseStatus(HttpStatus.NO_CONTENT)
	void delete(@PathVariable long id) {
		if (!this.notes.delete(id)) {
			throw new ResponseStatusException(HttpStatus.NOT_FOUND, "there is no note " + id);
		}
	}

	/**
	 * A note to be added.
	 *
	 * @param text what it says
	 */
	record NewNote(@Nullable String text) {

	}

	/**
	 * How many notes there are.
	 *
	 * @param count their number
	 */
	record Count(long count) {

	}

}
