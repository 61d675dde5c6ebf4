package io.github.litestream4j.history;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.litestream4j.ltx.LtxFileName;

/**
 * A file in memory that is merged; counts how many are open.
 */
final class TestInput implements MergeInput {

	private final LtxFileName range;

	private final byte[] bytes;

	private final AtomicInteger open;

	private final AtomicInteger mostOpen;

	TestInput(LtxFileName range, byte[] bytes) {
		this(range, bytes, new AtomicInteger(), new AtomicInteger());
	}

	TestInput(LtxFileName range, byte[] bytes, AtomicInteger open, AtomicInteger mostOpen) {
		this.range = range;
		this.bytes = bytes;
		this.open = open;
		this.mostOpen = mostOpen;
	}

	byte[] bytes() {
		return this.bytes;
	}

	@Override
	public String name() {
		return "input " + this.range;
	}

	@Override
	public LtxFileName range() {
		return this.range;
	}

	@Override
	public InputStream open() {
		this.mostOpen.accumulateAndGet(this.open.incrementAndGet(), Math::max);
		return new FilterInputStream(new ByteArrayInputStream(this.bytes)) {

			@Override
			public void close() throws IOException {
				super.close();
				TestInput.this.open.decrementAndGet();
			}

		};
	}

}
