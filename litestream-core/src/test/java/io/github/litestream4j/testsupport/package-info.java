/**
 * What tests of every module share: the real Litestream, and an S3 server.
 */
@NullMarked
package io.github.litestream4j.testsupport;

import org.jspecify.annotations.NullMarked;
