package io.github.litestream4j.restore;

/**
 * A database that was made out of a plan's files.
 *
 * @param pageSize in bytes
 * @param pageCount its size in pages
 * @param checksum of all its pages, as LTX defines it
 */
record WrittenDatabase(int pageSize, long pageCount, long checksum) {

}
