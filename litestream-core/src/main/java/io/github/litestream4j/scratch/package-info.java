/**
 * Temporary files: for what would otherwise grow in memory with a database or a
 * transaction, and for small files that are replaced as a whole.
 */
@NullMarked
package io.github.litestream4j.scratch;

import org.jspecify.annotations.NullMarked;
