package io.github.litestream4j.session;

import java.io.IOException;
import java.util.SortedMap;
import java.util.TreeMap;

import io.github.litestream4j.ltx.LtxHeader;
import io.github.litestream4j.ltx.LtxReader;
import io.github.litestream4j.ltx.LtxWriter;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;

/**
 * A stored file that is as sound as the one that it replaces, and holds something else.
 */
final class OtherFile {

	private OtherFile() {
	}

	/**
	 * Replace a file by one whose last page differs in its last byte, where SQLite sees
	 * no damage in it.
	 */
	static void replace(ReplicaStorage storage, LtxKey key) throws IOException {
		StoredFile file = storage.find(key).orElseThrow();
		LtxHeader header;
		SortedMap<Long, byte[]> pages = new TreeMap<>();
		try (LtxReader reader = new LtxReader(storage.read(key, 0, file.size()), "the file to replace")) {
			header = reader.header();
			byte[] page = new byte[header.pageSize()];
			for (long number = reader.nextPage(page); number != 0; number = reader.nextPage(page)) {
				pages.put(number, page.clone());
			}
		}
		byte[] last = pages.get(pages.lastKey());
		last[last.length - 1] ^= 1;
		storage.put(key, storage.timestamp(file), (out) -> {
			try (LtxWriter writer = new LtxWriter(out, header)) {
				for (var page : pages.entrySet()) {
					writer.writePage(page.getKey(), page.getValue(), 0);
				}
				writer.finish(0);
			}
		});
	}

}
