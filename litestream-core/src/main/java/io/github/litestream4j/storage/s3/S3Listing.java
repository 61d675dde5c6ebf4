package io.github.litestream4j.storage.s3;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.storage.LegacyFile;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Object;

import org.jspecify.annotations.Nullable;

/**
 * Lists a folder, page by page, whole or not at all.
 */
final class S3Listing {

	private final S3Client client;

	private final String bucket;

	private final S3Requests requests;

	private final ObjectForm form;

	S3Listing(S3Client client, String bucket, S3Requests requests, ObjectForm form) {
		this.client = client;
		this.bucket = bucket;
		this.requests = requests;
		this.form = form;
	}

	/**
	 * The LTX files of a level.
	 * @param level the level
	 * @param folder what its keys begin with, a slash at the end
	 * @return its files in order
	 */
	List<StoredFile> list(int level, String folder) {
		List<StoredFile> files = new ArrayList<>();
		forEach(folder, (object) -> storedFile(level, folder, object).ifPresent(files::add));
		files.sort(Comparator.comparing((file) -> file.key().name()));
		return files;
	}

	/**
	 * The files of Litestream 0.3.
	 * @param folder what their keys begin with, a slash at the end
	 * @return the files as the store lists them
	 */
	List<LegacyFile> legacy(String folder) {
		List<LegacyFile> files = new ArrayList<>();
		forEach(folder, (object) -> {
			String[] parts = object.key().split("/", -1);
			int last = parts.length - 1;
			if (last == slashes(folder) + 2) {
				LegacyFile.parse(parts[last - 2], parts[last - 1], parts[last], object.size(), object.lastModified())
					.ifPresent(files::add);
			}
		});
		return files;
	}

	/**
	 * The names of all objects directly in a folder.
	 * @param folder what their keys begin with, a slash at the end
	 * @return what follows in their keys, in order
	 */
	List<String> names(String folder) {
		List<String> names = new ArrayList<>();
		forEach(folder, (object) -> {
			String key = object.key();
			if (slashes(key) == slashes(folder)) {
				names.add(key.substring(key.lastIndexOf('/') + 1));
			}
		});
		Collections.sort(names);
		return names;
	}

	private void forEach(String folder, Consumer<S3Object> action) {
		String url = "s3://" + this.bucket + "/" + folder;
		int count = 0;
		Set<String> tokens = new HashSet<>();
		String token = null;
		do {
			ListObjectsV2Response page = page(folder, url, token);
			for (S3Object object : page.contents()) {
				action.accept(object);
				count++;
			}
			token = Boolean.TRUE.equals(page.isTruncated()) ? page.nextContinuationToken() : null;
			if (Boolean.TRUE.equals(page.isTruncated()) && (token == null || !tokens.add(token))) {
				throw new StorageUnavailableException("Could not list " + url + " (after " + count
						+ " files the store says that there are more, but not where): it does not page listings as S3 does");
			}
		}
		while (token != null);
	}

	private ListObjectsV2Response page(String folder, String url, @Nullable String token) {
		ListObjectsV2Response page = S3Failures.call("list", url,
				() -> this.client.listObjectsV2((request) -> request.bucket(this.bucket)
					.prefix(folder)
					.continuationToken(token)
					.overrideConfiguration(this.requests.small())));
		if (page.isTruncated() == null && page.name() == null) {
			// Any other XML, a proxy's page for one, would pass for an empty bucket.
			throw new StorageUnavailableException("Could not list " + url
					+ " (the answer is no listing of a bucket): check that the S3 client's endpoint is that of an S3 store");
		}
		return page;
	}

	private Optional<StoredFile> storedFile(int level, String folder, S3Object object) {
		String key = object.key();
		int slash = key.lastIndexOf('/');
		// Counted, not compared: a store may give the prefix in another encoding.
		if (slashes(key) != slashes(folder)) {
			return Optional.empty();
		}
		return LtxFileName.parse(key.substring(slash + 1))
			.map((name) -> new StoredFile(new LtxKey(level, name), this.form.contentLength(object.size()),
					object.lastModified()));
	}

	private static long slashes(String text) {
		return text.chars().filter((c) -> c == '/').count();
	}

}
