/**
 * One SQLite file while it is live: its pages, its read guard, its write barrier and its
 * checkpoint.
 */
@NullMarked
package io.github.litestream4j.database;

import org.jspecify.annotations.NullMarked;
