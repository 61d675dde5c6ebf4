/**
 * The errors that every part of the engine reports.
 */
@NullMarked
package io.github.litestream4j;

import org.jspecify.annotations.NullMarked;
