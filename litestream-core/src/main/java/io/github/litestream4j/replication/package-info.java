/**
 * From a commit to the stored file.
 */
@NullMarked
package io.github.litestream4j.replication;

import org.jspecify.annotations.NullMarked;
