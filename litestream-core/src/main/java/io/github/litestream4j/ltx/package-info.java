/**
 * LTX bytes: header, pages, index, trailer, CRC-64, and the names of files and TXIDs.
 */
@NullMarked
package io.github.litestream4j.ltx;

import org.jspecify.annotations.NullMarked;
