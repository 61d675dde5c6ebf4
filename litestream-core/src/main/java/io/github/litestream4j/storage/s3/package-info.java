/**
 * A replica in an S3 bucket.
 */
@NullMarked
package io.github.litestream4j.storage.s3;

import org.jspecify.annotations.NullMarked;
