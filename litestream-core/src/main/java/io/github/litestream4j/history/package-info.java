/**
 * Keeps a replica's history as long as it is wanted and as short as it can be: merges
 * files, takes snapshots, lets go of what no kept state needs, and proves the rest.
 */
@NullMarked
package io.github.litestream4j.history;

import org.jspecify.annotations.NullMarked;
