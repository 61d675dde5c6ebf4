/**
 * How fast the engine's codecs are.
 */
@NullMarked
package io.github.litestream4j.benchmarks;

import org.jspecify.annotations.NullMarked;
