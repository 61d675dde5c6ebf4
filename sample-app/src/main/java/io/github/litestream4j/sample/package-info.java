/**
 * A notes application whose database survives the loss of its machine.
 */
@NullMarked
package io.github.litestream4j.sample;

import org.jspecify.annotations.NullMarked;
