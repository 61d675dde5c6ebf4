/**
 * SQLite write-ahead log bytes: header, frames and their checksum chain.
 */
@NullMarked
package io.github.litestream4j.wal;

import org.jspecify.annotations.NullMarked;
