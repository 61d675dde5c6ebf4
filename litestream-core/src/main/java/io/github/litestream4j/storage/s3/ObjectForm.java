package io.github.litestream4j.storage.s3;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import io.github.litestream4j.storage.ChecksumText;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.SdkPartType;

/**
 * How an object differs from the content that it was made of.
 */
enum ObjectForm {

	/** It is the content, byte by byte. */
	PLAIN(0, 1),

	/**
	 * The Amazon S3 Encryption Client made it, by AES-GCM: as many bytes, block by block
	 * in the same places, and a tag behind them. To decrypt a range it asks for whole
	 * blocks, and for one more on either side.
	 */
	ENCRYPTED(16, 16);

	/** The names under which that client keeps the data's key, by its formats 1 to 3. */
	private static final Set<String> DATA_KEYS = Set.of("x-amz-key", "x-amz-key-v2", "x-amz-3");

	private final int tag;

	private final int block;

	ObjectForm(int tag, int block) {
		this.tag = tag;
		this.block = block;
	}

	/**
	 * The length of the content of an object.
	 * @param objectLength the length of the object in bytes
	 * @return the length in bytes, 0 for an object that is shorter than any can be
	 */
	long contentLength(long objectLength) {
		return Math.max(0, objectLength - this.tag);
	}

	/**
	 * The length of the object of a content.
	 * @param contentLength the length of the content in bytes
	 * @return the length in bytes
	 */
	long objectLength(long contentLength) {
		return contentLength + this.tag;
	}

	/**
	 * Whether an answer is that to the request for a range.
	 * @param contentRange the range of the object that the store says it sends,
	 * {@code null} when it sends all
	 * @param offset where the wanted range of the content begins
	 * @return whether it begins there
	 */
	boolean isAnswer(@Nullable String contentRange, long offset) {
		long start = (this.tag == 0) ? offset : Math.max(0, offset - offset % this.block - this.block);
		return (contentRange != null) ? contentRange.startsWith("bytes " + start + "-") : offset == 0;
	}

	/**
	 * The content that stands for no checksum, where an object is not to be deleted. The
	 * library cannot be given an empty one: of some it does not send the end, and waits
	 * for an answer.
	 * @return its bytes
	 */
	byte[] noChecksum() {
		return ((this == ENCRYPTED) ? ChecksumText.NONE : "").getBytes(StandardCharsets.US_ASCII);
	}

	/**
	 * What the client is told of a part of an upload.
	 * @param last whether none comes after it
	 * @return its kind, {@code null} where there is nothing to tell
	 */
	@Nullable SdkPartType partType(boolean last) {
		return (this == ENCRYPTED && last) ? SdkPartType.LAST : null;
	}

	/**
	 * The form of an object.
	 * @param metadata its metadata
	 * @return {@code ENCRYPTED} where the data's key is beside it
	 */
	static ObjectForm of(Map<String, String> metadata) {
		return metadata.keySet().stream().anyMatch((name) -> DATA_KEYS.contains(name.toLowerCase(Locale.ROOT)))
				? ENCRYPTED : PLAIN;
	}

}
