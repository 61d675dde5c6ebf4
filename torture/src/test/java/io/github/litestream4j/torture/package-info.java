/**
 * An application that is killed, stopped, robbed and starved by a printed seed, and the
 * proof that no history became wrong by it.
 */
@NullMarked
package io.github.litestream4j.torture;

import org.jspecify.annotations.NullMarked;
