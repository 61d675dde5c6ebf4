package io.github.litestream4j.benchmarks;

import java.util.concurrent.TimeUnit;

import io.github.litestream4j.ltx.Crc64;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The checksum of a page. The score times the page size is the throughput.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class CrcBenchmark {

	/** In bytes. */
	@Param({ "512", "4096", "65536" })
	public int pageSize;

	private final Crc64 crc = new Crc64();

	private byte[] page = {};

	@Setup
	public void prepare() {
		this.page = Pages.of(this.pageSize, 1);
	}

	@Benchmark
	public long update() {
		this.crc.update(this.page, 0, this.page.length);
		return this.crc.value();
	}

	@Benchmark
	public long pageChecksum() {
		return Crc64.pageChecksum(1, this.page, 0, this.page.length);
	}

}
