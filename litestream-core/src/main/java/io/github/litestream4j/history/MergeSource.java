package io.github.litestream4j.history;

import java.io.IOException;
import java.io.InputStream;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.LtxHeader;
import io.github.litestream4j.ltx.LtxReader;

/**
 * An input of a merge that is being read: stands at a page, or at its end.
 */
final class MergeSource implements AutoCloseable {

	private final MergeInput input;

	private final int order;

	private final LtxReader reader;

	private final byte[] page;

	private long number;

	private long limit = Long.MAX_VALUE;

	/**
	 * Open an input and read its header.
	 * @param input the input
	 * @param order its place among the inputs, the newest last
	 */
	MergeSource(MergeInput input, int order) throws IOException {
		this.input = input;
		this.order = order;
		InputStream in = null;
		try {
			in = input.open();
			this.reader = new LtxReader(in, input.name());
			requireRange();
		}
		catch (IOException | RuntimeException ex) {
			if (in != null) {
				in.close();
			}
			throw blamed(ex);
		}
		this.page = new byte[this.reader.header().pageSize()];
	}

	private void requireRange() {
		LtxFileName found = new LtxFileName(header().min(), header().max());
		if (!found.equals(this.input.range())) {
			throw new CorruptDataException("%s: expected transactions %s to %s, but its header says %s to %s".formatted(
					this.input.name(), this.input.range().min(), this.input.range().max(), found.min(), found.max()));
		}
	}

	LtxHeader header() {
		return this.reader.header();
	}

	long lowestCommit() {
		return this.input.lowestCommit(header());
	}

	/**
	 * Pass over what later files cut off.
	 * @param limit the last page that counts
	 */
	void limit(long limit) {
		this.limit = limit;
	}

	/**
	 * Go on to the next page. At the end the whole input has been found right.
	 * @return whether there was one
	 */
	boolean next() throws IOException {
		try {
			this.number = this.reader.nextPage(this.page);
		}
		catch (IOException | RuntimeException ex) {
			throw blamed(ex);
		}
		return this.number != 0;
	}

	private IOException blamed(Exception ex) throws IOException {
		if (ex instanceof CorruptDataException || (ex instanceof IOException && this.input.isCopy())) {
			return new DamagedInputException(this.input, ex);
		}
		if (ex instanceof RuntimeException unexpected) {
			throw unexpected;
		}
		throw (IOException) ex;
	}

	long number() {
		return this.number;
	}

	boolean counts() {
		return this.number <= this.limit;
	}

	byte[] page() {
		return this.page;
	}

	int order() {
		return this.order;
	}

	DamagedInputException wrongPageSize(int expected) {
		return new DamagedInputException(this.input,
				new CorruptDataException(
						"%s: expected pages of %d bytes like those of the files before it, but its pages have %d"
							.formatted(this.input.name(), expected, header().pageSize())));
	}

	@Override
	public void close() throws IOException {
		this.reader.close();
	}

}
