/**
 * One database from the start of its application to its end: its lock, its restore, its
 * replicator.
 */
@NullMarked
package io.github.litestream4j.session;

import org.jspecify.annotations.NullMarked;
