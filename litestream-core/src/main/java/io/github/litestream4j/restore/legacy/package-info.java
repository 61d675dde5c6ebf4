/**
 * Reads what Litestream 0.3 has stored: snapshots of the database file, and WALs in
 * parts.
 */
@NullMarked
package io.github.litestream4j.restore.legacy;

import org.jspecify.annotations.NullMarked;
