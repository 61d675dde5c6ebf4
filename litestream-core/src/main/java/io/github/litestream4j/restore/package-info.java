/**
 * From stored files to a database.
 */
@NullMarked
package io.github.litestream4j.restore;

import org.jspecify.annotations.NullMarked;
