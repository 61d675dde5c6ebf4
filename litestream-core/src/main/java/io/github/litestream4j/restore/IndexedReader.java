package io.github.litestream4j.restore;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.ltx.LtxHeader;
import io.github.litestream4j.ltx.LtxIndex;
import io.github.litestream4j.ltx.LtxIndexReader;
import io.github.litestream4j.ltx.LtxReader;
import io.github.litestream4j.ltx.LtxRecordReader;
import io.github.litestream4j.scratch.ScratchFolder;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;

import org.jspecify.annotations.Nullable;

/**
 * Reads of a plan's files only what the database is made of. The page indexes come first,
 * newest file first, which tell what file has the newest image of each page; then only
 * those images are fetched, those that lie close together, and each page is written once.
 * For use once, by one thread.
 * <p>
 * What is read of a file in parts is not proven by that file's checksum. So the result
 * counts only when its own checksum is that of the writer.
 * <p>
 * The newest image is the right one: a file holds every page that its commit grew by, so
 * a page that was lost by a shrink and came back is in a file after the shrink. An older
 * image in its place would be a writer's mistake, and the checksum another one.
 */
final class IndexedReader {

	private final ReplicaStorage storage;

	private final FetchSettings settings;

	private final int parallelism;

	private final PlannedDatabase database;

	private final List<StoredFile> files;

	private final RestoreProgress progress;

	private final LongAdder received;

	/**
	 * Create a reader.
	 * @param storage where the files are
	 * @param settings how files are fetched
	 * @param parallelism how many ranges are read at once
	 * @param database takes the pages
	 * @param progress is told how far it is
	 * @param received counts what the storage delivers
	 */
	IndexedReader(ReplicaStorage storage, FetchSettings settings, int parallelism, PlannedDatabase database,
			RestoreProgress progress, LongAdder received) {
		this.storage = storage;
		this.settings = settings;
		this.parallelism = parallelism;
		this.database = database;
		this.files = database.newestFirst();
		this.progress = progress;
		this.received = received;
	}

	/**
	 * Read and write what is needed.
	 * @param scratch where is kept what is too much for memory
	 * @return what was written; to be compared with the writer's checksum
	 * @throws IOException when the target cannot be written
	 * @throws CorruptDataException when something is not what it must be: which file is
	 * damaged only reading it whole can prove
	 */
	WrittenDatabase read(ScratchFolder scratch) throws IOException {
		try (WantedParts parts = new WantedParts(this.files, scratch)) {
			readIndexes(parts);
			WantedParts.Extents extents = parts.finish();
			this.progress.expectBytes(this.received.sum() + extents.bytes());
			readPages(extents);
			return this.database.finish();
		}
	}

	private void readIndexes(WantedParts parts) throws IOException {
		StoredFile newest = this.files.get(0);
		LtxHeader header = new HeaderReader(this.storage, this.settings).read(newest, this.received);
		this.database.accept(header, newest);
		PageSet claimed = new PageSet(header.pageSize(), header.commit());
		IndexExtents extents = new IndexExtents(this.files);
		try (FileFetcher fetcher = fetcher(extents)) {
			for (int i = 0; i < this.files.size() && !claimed.isFull(); i++) {
				FetchedExtent extent = fetcher.next();
				if (extent == null) {
					throw new IllegalStateException("there is a part of each file");
				}
				if (extent.extent().isWhole()) {
					extents.wasted(readWhole(extent, claimed));
				}
				else {
					extents.learn(readIndex(i, extent, claimed, parts), this.files.get(i).size());
				}
			}
		}
		this.database.requireNoneMissing(claimed.firstMissing());
	}

	private FileFetcher fetcher(Iterator<Extent> extents) {
		return new FileFetcher(this.storage, extents, this.settings, this.parallelism, this.received);
	}

	/**
	 * Take the pages of a small file at once, which its own checksum proves.
	 * @return how many bytes of it were not needed
	 */
	private long readWhole(FetchedExtent extent, PageSet claimed) throws IOException {
		StoredFile file = extent.extent().file();
		try (LtxReader reader = new LtxReader(extent, this.database.nameOf(file))) {
			DatabasePages pages = this.database.accept(reader.header(), file);
			byte[] page = this.database.page();
			long all = 0;
			long needed = 0;
			for (long number = reader.nextPage(page); number != 0; number = reader.nextPage(page)) {
				all++;
				if (claimed.add(number)) {
					needed++;
					pages.put(number, page);
				}
			}
			this.progress.at(this.received.sum(), pages.size());
			return file.size() * (all - needed) / Math.max(1, all);
		}
	}

	/**
	 * Note what is needed of a file.
	 * @return how long its index is, in bytes
	 */
	private long readIndex(int file, FetchedExtent extent, PageSet claimed, WantedParts parts) throws IOException {
		StoredFile stored = this.files.get(file);
		String name = this.database.nameOf(stored);
		byte[] tail = extent.readAllBytes();
		int indexEnd = tail.length - LtxIndex.TAIL;
		long length = LtxIndex.indexLength(
				ByteBuffer.wrap(tail, Math.max(0, indexEnd), Math.min(tail.length, LtxIndex.TAIL)), stored.size(),
				name);
		long before = length - indexEnd;
		if (before <= 0) {
			note(file, new ByteArrayInputStream(tail, (int) -before, (int) length), length, claimed, parts);
			return length;
		}
		Extent rest = new Extent(stored, stored.size() - LtxIndex.TAIL - length, before);
		try (FileFetcher fetcher = fetcher(List.of(rest).iterator())) {
			FetchedExtent beginning = fetcher.next();
			if (beginning == null) {
				throw new IllegalStateException("one part was asked for");
			}
			note(file, new SequenceInputStream(beginning, new ByteArrayInputStream(tail, 0, indexEnd)), length, claimed,
					parts);
		}
		return length;
	}

	private void note(int file, InputStream in, long length, PageSet claimed, WantedParts parts) throws IOException {
		StoredFile stored = this.files.get(file);
		LtxIndexReader index = new LtxIndexReader(in, length, stored.size(), this.database.nameOf(stored));
		boolean first = true;
		while (index.next()) {
			if (claimed.add(index.pageNumber())) {
				if (first) {
					parts.add(file, 0, LtxHeader.SIZE);
					first = false;
				}
				parts.add(file, index.offset(), index.length());
			}
		}
		this.progress.at(this.received.sum(), this.database.pages().size());
	}

	private void readPages(WantedParts.Extents extents) throws IOException {
		try (FileFetcher fetcher = fetcher(extents)) {
			for (FetchedExtent extent = fetcher.next(); extent != null; extent = fetcher.next()) {
				if (extent.extent().isWhole()) {
					readAll(extent);
				}
				else {
					readPart(extent);
				}
			}
		}
	}

	private void readAll(FetchedExtent extent) throws IOException {
		StoredFile file = extent.extent().file();
		try (LtxReader reader = new LtxReader(extent, this.database.nameOf(file))) {
			DatabasePages pages = this.database.accept(reader.header(), file);
			byte[] page = this.database.page();
			for (long number = reader.nextPage(page); number != 0; number = reader.nextPage(page)) {
				put(pages, number, page);
			}
		}
	}

	/**
	 * A part has pages of gaps in it, too: those are older images of pages that were put
	 * before, since newer files come first.
	 */
	private void readPart(FetchedExtent extent) throws IOException {
		StoredFile file = extent.extent().file();
		String name = this.database.nameOf(file);
		if (extent.extent().offset() == 0) {
			this.database.accept(HeaderReader.read(extent, name), file);
		}
		DatabasePages pages = this.database.pages();
		byte[] page = this.database.page();
		LtxRecordReader reader = new LtxRecordReader(extent, extent.extent().length(), page.length, name);
		for (long number = reader.nextPage(page); number != 0; number = reader.nextPage(page)) {
			put(pages, number, page);
		}
	}

	private void put(DatabasePages pages, long number, byte[] page) throws IOException {
		pages.put(number, page);
		this.progress.at(this.received.sum(), pages.size());
	}

}
