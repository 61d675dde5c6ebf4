package io.github.litestream4j.sample;

/**
 * A note.
 *
 * @param id its number, which grows with each note
 * @param text what it says
 */
record Note(long id, String text) {

}
