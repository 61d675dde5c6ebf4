/**
 * A replica in a folder.
 */
@NullMarked
package io.github.litestream4j.storage.file;

import org.jspecify.annotations.NullMarked;
