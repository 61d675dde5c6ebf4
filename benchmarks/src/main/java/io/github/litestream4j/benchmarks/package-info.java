/**
 * How fast the engine's codecs are, and, among the tests, how the engine compares with
 * the real Litestream.
 */
@NullMarked
package io.github.litestream4j.benchmarks;

import org.jspecify.annotations.NullMarked;
