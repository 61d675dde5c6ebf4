/**
 * The command line: what can be done with a replica without the application that writes
 * it.
 */
@NullMarked
package io.github.litestream4j.cli;

import org.jspecify.annotations.NullMarked;
