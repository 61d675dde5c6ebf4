/**
 * Where a replica's files are kept: the contract of every storage.
 */
@NullMarked
package io.github.litestream4j.storage;

import org.jspecify.annotations.NullMarked;
