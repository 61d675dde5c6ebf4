package io.github.litestream4j.history;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.LtxHeader;
import io.github.litestream4j.ltx.LtxWriter;
import io.github.litestream4j.scratch.ScratchFile;
import io.github.litestream4j.scratch.ScratchFolder;

/**
 * Merges the files of consecutive transactions into one: of each page the newest image,
 * unless a later file cut it off. Every input is read to its end, so that its checksum is
 * checked, whatever of it counts. Memory does not grow with the inputs: of many, some are
 * merged into temporary files first.
 */
final class LtxMerge {

	/** How many inputs are open at once. */
	static final int MAX_OPEN = 64;

	private static final Comparator<MergeSource> NEWEST_IMAGE_OF_LOWEST_PAGE = Comparator
		.comparingLong(MergeSource::number)
		.thenComparing(MergeSource::order, Comparator.reverseOrder());

	private final ScratchFolder scratch;

	/** Of the first file, and so of all; 0 until it is known. */
	private int pageSize;

	private LtxMerge(ScratchFolder scratch) {
		this.scratch = scratch;
	}

	/**
	 * Merge files.
	 * @param inputs at least one; each ends after the one before it and begins at most
	 * one transaction after that one's end. None is a base image
	 * @param scratch where temporary files are made
	 * @return the merged file, to be closed by the caller
	 * @throws DamagedInputException when an input is damaged or missing
	 * @throws IOException when an input or a temporary file cannot be read or written
	 * @throws InterruptedException when the thread was told to end
	 */
	static MergedFile merge(List<? extends MergeInput> inputs, ScratchFolder scratch)
			throws IOException, InterruptedException {
		requireOrder(inputs);
		return new LtxMerge(scratch).merge(inputs);
	}

	private static void requireOrder(List<? extends MergeInput> inputs) {
		for (int i = 0; i < inputs.size(); i++) {
			LtxFileName range = inputs.get(i).range();
			LtxFileName former = (i > 0) ? inputs.get(i - 1).range() : null;
			boolean follows = former == null
					|| (range.max().isAfter(former.max()) && !range.min().isAfter(former.max().next()));
			if (!follows || range.isSnapshot()) {
				throw new IllegalArgumentException("cannot merge " + range + " after " + former);
			}
		}
	}

	private MergedFile merge(List<? extends MergeInput> inputs) throws IOException, InterruptedException {
		if (inputs.size() <= MAX_OPEN) {
			return mergeAtOnce(inputs);
		}
		List<MergedFile> parts = new ArrayList<>();
		try {
			for (int i = 0; i < inputs.size(); i += MAX_OPEN) {
				parts.add(mergeAtOnce(inputs.subList(i, Math.min(i + MAX_OPEN, inputs.size()))));
			}
			return merge(parts);
		}
		finally {
			for (MergedFile part : parts) {
				part.close();
			}
		}
	}

	private MergedFile mergeAtOnce(List<? extends MergeInput> inputs) throws IOException, InterruptedException {
		List<MergeSource> sources = new ArrayList<>();
		ScratchFile target = null;
		try {
			for (MergeInput input : inputs) {
				requireUninterrupted();
				sources.add(open(input, sources.size()));
			}
			long lowestCommit = limit(sources);
			target = this.scratch.create();
			LtxHeader header = header(sources);
			write(sources, header, target);
			MergedFile merged = new MergedFile(header, lowestCommit, target);
			target = null;
			return merged;
		}
		finally {
			for (MergeSource source : sources) {
				source.close();
			}
			if (target != null) {
				target.close();
			}
		}
	}

	private static void requireUninterrupted() throws InterruptedException {
		if (Thread.interrupted()) {
			throw new InterruptedException();
		}
	}

	private MergeSource open(MergeInput input, int order) throws IOException {
		MergeSource source = new MergeSource(input, order);
		int found = source.header().pageSize();
		this.pageSize = (this.pageSize != 0) ? this.pageSize : found;
		if (found != this.pageSize) {
			source.close();
			throw source.wrongPageSize(this.pageSize);
		}
		return source;
	}

	/**
	 * A page that a file cut off does not come back with a later one that lacks it.
	 * @return the smallest size of the database after any of the files
	 */
	private static long limit(List<MergeSource> sources) {
		long lowest = Long.MAX_VALUE;
		for (int i = sources.size() - 1; i >= 0; i--) {
			sources.get(i).limit(lowest);
			lowest = Math.min(lowest, sources.get(i).lowestCommit());
		}
		return lowest;
	}

	private static LtxHeader header(List<MergeSource> sources) {
		LtxHeader first = sources.get(0).header();
		LtxHeader last = sources.get(sources.size() - 1).header();
		long newest = sources.stream().mapToLong((source) -> source.header().timestamp()).max().orElseThrow();
		return LtxHeader.of(first.pageSize(), last.commit(), first.min(), last.max(), Instant.ofEpochMilli(newest));
	}

	private void write(List<MergeSource> sources, LtxHeader header, ScratchFile target)
			throws IOException, InterruptedException {
		PriorityQueue<MergeSource> queue = new PriorityQueue<>(NEWEST_IMAGE_OF_LOWEST_PAGE);
		for (MergeSource source : sources) {
			advance(source, queue);
		}
		try (LtxWriter writer = new LtxWriter(into(target), header, this.scratch)) {
			long done = 0;
			while (!queue.isEmpty()) {
				MergeSource source = queue.remove();
				if (source.number() != done && source.counts()) {
					writer.writePage(source.number(), source.page(), 0);
				}
				done = source.number();
				advance(source, queue);
				requireUninterrupted();
			}
			writer.finish(0);
		}
	}

	private static void advance(MergeSource source, PriorityQueue<MergeSource> queue) throws IOException {
		if (source.next()) {
			queue.add(source);
		}
	}

	private static OutputStream into(ScratchFile target) {
		return new OutputStream() {

			@Override
			public void write(byte[] bytes, int offset, int length) throws IOException {
				target.append(ByteBuffer.wrap(bytes, offset, length));
			}

			@Override
			public void write(int one) throws IOException {
				write(new byte[] { (byte) one }, 0, 1);
			}

		};
	}

}
