package io.github.litestream4j.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Properties;

import com.sun.management.OperatingSystemMXBean;
import org.sqlite.SQLiteJDBCLoader;

/**
 * What the figures were measured on.
 */
final class Machine {

	private Machine() {
	}

	static String describe(Path folder, Properties programs) throws IOException {
		OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
		return String.format(Locale.ROOT,
				"%d cores, %.0f GiB of memory, %s %s, files on %s; JDK %s, sqlite-jdbc %s, Litestream %s, S3Proxy %s",
				Runtime.getRuntime().availableProcessors(), system.getTotalMemorySize() / (double) (1 << 30),
				System.getProperty("os.name"), System.getProperty("os.arch"), Files.getFileStore(folder).type(),
				System.getProperty("java.version"), SQLiteJDBCLoader.getVersion(),
				programs.getProperty("litestream.version"), programs.getProperty("s3proxy.version"));
	}

}
