/**
 * The DataSource beneath the pool, which sees each commit.
 */
@NullMarked
package io.github.litestream4j.jdbc;

import org.jspecify.annotations.NullMarked;
