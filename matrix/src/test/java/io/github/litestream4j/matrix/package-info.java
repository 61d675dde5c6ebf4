/**
 * An application as users write it, in many environments: what it wrote is there after
 * its machine is lost.
 */
@NullMarked
package io.github.litestream4j.matrix;

import org.jspecify.annotations.NullMarked;
