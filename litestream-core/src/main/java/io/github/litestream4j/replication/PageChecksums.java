package io.github.litestream4j.replication;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.BitSet;
import java.util.OptionalLong;

import org.jspecify.annotations.Nullable;

/**
 * The checksum of each page of a database, eight bytes a page in a file of our own, and
 * of the database as a whole: the XOR of its pages', bit 63 set, as LTX has it. Brought
 * up to date with each transaction for the cost of the pages that it changed. Safe for
 * use by several threads.
 * <p>
 * A change is made in three steps, so that a {@code kill -9} between any two of them
 * costs nothing: the change itself is noted aside, then the position's owner writes the
 * new checksum with the position, then the pages' checksums are changed. At the next
 * start a noted change that belongs to the position is made once more.
 */
final class PageChecksums implements AutoCloseable {

	/** Of each page's checksum and of the database's. */
	static final long FLAG = 1L << 63;

	private static final String ENTRIES = "checksums";

	private static final int ENTRY = Long.BYTES;

	private static final int CHUNK = 1 << 16;

	private final Path folder;

	private final SteadyFile entries;

	private final SteadyFile note;

	private final ChangeNote changeNote;

	/** The XOR of the pages' checksums, meaningful only when known. */
	private long sum;

	private boolean known;

	private boolean verified;

	/** How many pages have an entry. */
	private long pages;

	/** While all pages are being read: those that changed since that began. */
	private @Nullable BitSet changed;

	PageChecksums(Path folder) throws IOException {
		this.folder = folder;
		this.entries = new SteadyFile(folder.resolve(ENTRIES));
		this.note = openAfter(this.entries, folder.resolve("checksums-change"));
		this.changeNote = new ChangeNote(this.note);
	}

	private static SteadyFile openAfter(SteadyFile opened, Path path) throws IOException {
		try {
			return new SteadyFile(path);
		}
		catch (IOException ex) {
			opened.close();
			throw ex;
		}
	}

	/**
	 * Go on where the last process ended.
	 * @param txid the position's TXID
	 * @param checksum the database's checksum there
	 * @param commit the database's size there, in pages
	 */
	synchronized void load(long txid, long checksum, long commit) throws IOException {
		this.pages = commit;
		redo(txid);
		this.sum = xor(1, commit);
		this.known = (this.sum | FLAG) == checksum && this.entries.size() >= commit * ENTRY;
	}

	private void redo(long txid) throws IOException {
		EntryRuns runs = new EntryRuns(this.entries);
		OptionalLong commit = this.changeNote.read(txid, runs::put);
		if (commit.isPresent()) {
			end(runs, commit.getAsLong());
		}
	}

	/**
	 * First step: note what a transaction changes.
	 * @param txid its TXID
	 * @param sums the pages that it wrote
	 * @param commit the database's size after it, in pages
	 * @return the database's checksum after it, empty when that is not known
	 */
	synchronized OptionalLong prepare(long txid, PageSums sums, long commit) throws IOException {
		if (!this.known) {
			return OptionalLong.empty();
		}
		this.changeNote.write(txid, commit, sums);
		return OptionalLong.of(after(sums, commit) | FLAG);
	}

	private long after(PageSums sums, long commit) throws IOException {
		EntryPieces former = new EntryPieces(this.entries, this.pages);
		long[] after = { this.sum ^ xor(commit + 1, this.pages) };
		sums.forEach((page, sum) -> after[0] ^= former.entry(page) ^ sum);
		return after[0];
	}

	/**
	 * Third step: change the pages' checksums. Where that fails they are not known any
	 * more, which costs one reading of all pages and nothing else.
	 * @throws IOException when that failed
	 */
	synchronized void change(PageSums sums, long commit, OptionalLong after) throws IOException {
		try {
			if (this.known) {
				// What was not known in the first step may be known by now
				this.sum = after.isPresent() ? after.getAsLong() : after(sums, commit);
			}
			EntryRuns runs = new EntryRuns(this.entries);
			BitSet changed = this.changed;
			sums.forEach((page, sum) -> {
				runs.put(page, sum);
				if (changed != null) {
					changed.set(Math.toIntExact(page));
				}
			});
			end(runs, commit);
		}
		catch (IOException ex) {
			forget();
			throw ex;
		}
	}

	/**
	 * The pages' checksums cannot be relied on any more.
	 */
	synchronized void forget() {
		this.known = false;
		this.changed = null;
	}

	private void end(EntryRuns runs, long commit) throws IOException {
		runs.flush();
		this.pages = commit;
		// Pages that come again are zero until they are written
		this.entries.truncate(offset(commit + 1));
	}

	/**
	 * A copy of what is known now, for a comparison with pages to be read.
	 * @return the checksums at this moment
	 */
	synchronized FormerChecksums copy() throws IOException {
		Path copy = this.folder.resolve("checksums-former");
		Files.copy(this.folder.resolve(ENTRIES), copy, StandardCopyOption.REPLACE_EXISTING);
		return new FormerChecksums(copy, this.pages);
	}

	/**
	 * All pages are about to be read as they are now.
	 * @param commit the database's size now, in pages
	 */
	synchronized void beginReading(long commit) {
		this.known = false;
		this.pages = commit;
		this.changed = new BitSet();
	}

	/**
	 * Note pages as they were when the reading began. Does nothing when it was given up
	 * meanwhile.
	 */
	synchronized void read(PageSums sums) throws IOException {
		if (this.changed == null) {
			return;
		}
		BitSet passed = this.changed;
		EntryRuns runs = new EntryRuns(this.entries);
		sums.forEach((page, sum) -> {
			if (page <= this.pages && !passed.get(Math.toIntExact(page))) {
				runs.put(page, sum);
			}
		});
		end(runs, this.pages);
	}

	/**
	 * All pages are about to be read as they are now, and compared with what is known.
	 */
	synchronized void beginComparing() {
		this.changed = new BitSet();
	}

	/**
	 * Compare pages as they were when the reading began. Those that were changed since
	 * are passed over, and all when it was given up meanwhile.
	 * @param sums the pages
	 * @param differing told of each that is not what is known of it
	 */
	synchronized void compare(PageSums sums, Difference differing) throws IOException {
		BitSet passed = this.changed;
		if (passed == null) {
			return;
		}
		ByteBuffer chunk = ByteBuffer.allocate(CHUNK).limit(0);
		long[] first = { 1 };
		sums.forEach((page, sum) -> {
			if (page > this.pages || passed.get(Math.toIntExact(page))) {
				return;
			}
			if (page >= first[0] + chunk.limit() / ENTRY) {
				this.entries.read(chunk.clear(), offset(page));
				chunk.flip();
				first[0] = page;
			}
			int at = Math.toIntExact((page - first[0]) * ENTRY);
			long expected = (at + ENTRY <= chunk.limit()) ? chunk.getLong(at) : 0;
			if (expected != sum) {
				differing.page(page, expected, sum);
			}
		});
	}

	/**
	 * Takes a page that differs.
	 */
	@FunctionalInterface
	interface Difference {

		void page(long page, long expected, long found);

	}

	/**
	 * All pages were read.
	 */
	synchronized void endReading() throws IOException {
		this.verified = true;
		if (this.changed == null) {
			return;
		}
		this.changed = null;
		if (!this.known) {
			this.sum = xor(1, this.pages);
			this.known = true;
		}
	}

	/**
	 * Whether all pages were read once and are what is known of them.
	 */
	synchronized boolean isVerified() {
		return this.verified;
	}

	/**
	 * The database's checksum.
	 * @return empty as long as it is not known
	 */
	synchronized OptionalLong total() {
		return this.known ? OptionalLong.of(this.sum | FLAG) : OptionalLong.empty();
	}

	/**
	 * The checksum of a page.
	 * @return 0 when it has none
	 */
	synchronized long entry(long page) throws IOException {
		ByteBuffer entry = ByteBuffer.allocate(ENTRY);
		return (page <= this.pages && this.entries.read(entry, offset(page)) == ENTRY) ? entry.getLong(0) : 0;
	}

	private long xor(long from, long to) throws IOException {
		if (from > to) {
			return 0;
		}
		ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
		long xor = 0;
		for (long page = from; page <= to;) {
			chunk.clear().limit((int) Math.min(CHUNK, (to - page + 1) * ENTRY));
			int length = this.entries.read(chunk, offset(page));
			if (length < ENTRY) {
				break;
			}
			chunk.flip();
			while (chunk.remaining() >= ENTRY) {
				xor ^= chunk.getLong();
				page++;
			}
		}
		return xor;
	}

	private static long offset(long page) {
		return (page - 1) * ENTRY;
	}

	@Override
	public void close() throws IOException {
		try (SteadyFile first = this.note; SteadyFile second = this.entries) {
			first.force();
			second.force();
		}
	}

}
