package io.github.litestream4j.benchmarks;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

import io.github.litestream4j.ltx.LtxHeader;
import io.github.litestream4j.ltx.LtxIndex;
import io.github.litestream4j.ltx.LtxPageDecoder;
import io.github.litestream4j.ltx.LtxReader;
import io.github.litestream4j.ltx.LtxTrailer;
import io.github.litestream4j.ltx.LtxWriter;
import io.github.litestream4j.ltx.Txid;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * Whole LTX files of 1000 pages, in memory. The score is in pages: times the page size it
 * is the throughput.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@OperationsPerInvocation(LtxBenchmark.PAGES)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class LtxBenchmark {

	static final int PAGES = 1000;

	/** In bytes. */
	@Param("4096")
	public int pageSize;

	private final byte[][] pages = new byte[PAGES][];

	private final ByteArrayOutputStream out = new ByteArrayOutputStream();

	private byte[] file = {};

	private byte[] page = {};

	@Setup
	public void prepare() throws IOException {
		for (int i = 0; i < PAGES; i++) {
			this.pages[i] = Pages.of(this.pageSize, i);
		}
		this.page = new byte[this.pageSize];
		encode();
		this.file = this.out.toByteArray();
		System.out.printf("# a file of %d pages of %d bytes has %d bytes: %.0f %%%n", PAGES, this.pageSize,
				this.file.length, this.file.length * 100.0 / PAGES / this.pageSize);
	}

	@Benchmark
	public LtxTrailer encode() throws IOException {
		this.out.reset();
		LtxHeader header = LtxHeader.of(this.pageSize, PAGES, Txid.FIRST, Txid.FIRST, Instant.EPOCH);
		try (LtxWriter writer = new LtxWriter(this.out, header)) {
			for (int i = 0; i < PAGES; i++) {
				writer.writePage(i + 1, this.pages[i], 0);
			}
			return writer.finish(0);
		}
	}

	@Benchmark
	public LtxTrailer decode(Blackhole blackhole) throws IOException {
		try (LtxReader reader = new LtxReader(new ByteArrayInputStream(this.file), "benchmark")) {
			while (reader.nextPage(this.page) != 0) {
				blackhole.consume(this.page);
			}
			return reader.trailer();
		}
	}

	@Benchmark
	public void decodeThroughIndex(Blackhole blackhole) {
		ByteBuffer bytes = ByteBuffer.wrap(this.file);
		int size = this.file.length - LtxIndex.TAIL;
		int length = (int) LtxIndex.indexLength(bytes.slice(size, LtxIndex.TAIL), this.file.length, "benchmark");
		LtxIndex index = LtxIndex.decode(bytes.slice(size - length, length), this.file.length, "benchmark");
		for (int i = 0; i < index.size(); i++) {
			LtxPageDecoder.decode(this.file, (int) index.offset(i), (int) index.length(i), this.page, "benchmark");
			blackhole.consume(this.page);
		}
	}

}
