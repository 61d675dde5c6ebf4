package io.github.litestream4j.wal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Writes WALs by the words of sqlite.org/fileformat2.html section 4, apart from the code
 * under test, and remembers what it wrote.
 */
public final class WalBuilder {

	private final boolean bigEndian;

	private final int pageSize;

	private final int salt1;

	private final int salt2;

	private final ByteArrayOutputStream out = new ByteArrayOutputStream();

	private final List<Frame> frames = new ArrayList<>();

	private int sum1;

	private int sum2;

	private long offset;

	public WalBuilder(boolean bigEndian, int pageSize, int salt1, int salt2) {
		this.bigEndian = bigEndian;
		this.pageSize = pageSize;
		this.salt1 = salt1;
		this.salt2 = salt2;
		ByteBuffer header = ByteBuffer.allocate(32);
		header.putInt(bigEndian ? 0x377f0683 : 0x377f0682).putInt(3007000).putInt(pageSize).putInt(7);
		header.putInt(salt1).putInt(salt2);
		sum(header.array(), 24);
		header.putInt(this.sum1).putInt(this.sum2);
		this.out.writeBytes(header.array());
		this.offset = 32;
	}

	/**
	 * Go on at another place, as if all before it were there already.
	 * @param position the end of a frame
	 * @return this, with nothing written yet
	 */
	public WalBuilder at(WalPosition position) {
		this.out.reset();
		this.frames.clear();
		this.offset = position.offset();
		this.sum1 = position.checksum1();
		this.sum2 = position.checksum2();
		return this;
	}

	/**
	 * Add a frame.
	 * @param page its page number
	 * @param commit the database's size when it ends a transaction, else 0
	 * @param content the page
	 * @return this
	 */
	public WalBuilder frame(long page, long commit, byte[] content) {
		ByteBuffer header = ByteBuffer.allocate(24);
		header.putInt((int) page).putInt((int) commit).putInt(this.salt1).putInt(this.salt2);
		sum(header.array(), 8);
		sum(content, content.length);
		header.putInt(this.sum1).putInt(this.sum2);
		this.out.writeBytes(header.array());
		this.out.writeBytes(content);
		this.offset += 24 + this.pageSize;
		this.frames.add(new Frame(page, commit, content.clone(), position()));
		return this;
	}

	/**
	 * Add a frame with a page made of a seed.
	 */
	public WalBuilder frame(long page, long commit, long seed) {
		byte[] content = new byte[this.pageSize];
		new Random(seed).nextBytes(content);
		return frame(page, commit, content);
	}

	private void sum(byte[] bytes, int length) {
		ByteBuffer words = ByteBuffer.wrap(bytes, 0, length)
			.order(this.bigEndian ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
		while (words.hasRemaining()) {
			this.sum1 += words.getInt() + this.sum2;
			this.sum2 += words.getInt() + this.sum1;
		}
	}

	public WalPosition position() {
		return new WalPosition(this.salt1, this.salt2, this.offset, this.sum1, this.sum2);
	}

	public byte[] bytes() {
		return this.out.toByteArray();
	}

	public Path writeTo(Path file) throws IOException {
		return Files.write(file, bytes());
	}

	public List<Frame> frames() {
		return this.frames;
	}

	/**
	 * The newest image of each page that a range of frames holds, up to the database's
	 * size after it.
	 * @param from the first frame
	 * @param to the frame after the last, which ends a transaction
	 * @return the pages
	 */
	public SortedMap<Long, ByteBuffer> pages(int from, int to) {
		SortedMap<Long, ByteBuffer> pages = new TreeMap<>();
		for (Frame frame : this.frames.subList(from, to)) {
			pages.put(frame.page(), ByteBuffer.wrap(frame.content()));
		}
		return pages.headMap(this.frames.get(to - 1).commit() + 1);
	}

	/**
	 * The pages that a batch gives.
	 */
	public static SortedMap<Long, ByteBuffer> pages(WalBatch batch) throws IOException {
		SortedMap<Long, ByteBuffer> pages = new TreeMap<>();
		long last = 0;
		for (WalBatch.Pages at = batch.pages(); at.next();) {
			byte[] page = new byte[batch.pageSize()];
			at.read(page);
			long number = at.number();
			if (number <= last) {
				throw new AssertionError("page " + number + " after page " + last);
			}
			last = number;
			pages.put(number, ByteBuffer.wrap(page));
		}
		return pages;
	}

	/**
	 * A frame that was written.
	 *
	 * @param end the position after it
	 */
	public record Frame(long page, long commit, byte[] content, WalPosition end) {

	}

}
