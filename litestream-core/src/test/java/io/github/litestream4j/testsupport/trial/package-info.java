/**
 * A database that is written for a while with its history kept short, and the proof that
 * each of its kept states is right.
 */
@NullMarked
package io.github.litestream4j.testsupport.trial;

import org.jspecify.annotations.NullMarked;
