/**
 * Runs the engine inside a Spring Boot application: restored before anything opens the
 * database, stored after everything is done.
 */
@NullMarked
package io.github.litestream4j.autoconfigure;

import org.jspecify.annotations.NullMarked;
