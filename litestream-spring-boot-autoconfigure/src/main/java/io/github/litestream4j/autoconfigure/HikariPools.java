package io.github.litestream4j.autoconfigure;

import java.util.Map;
import java.util.stream.Collectors;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.github.litestream4j.jdbc.LitestreamDataSource;
import io.github.litestream4j.jdbc.SqliteUrl;

/**
 * Puts a {@code DataSource} of ours beneath a Hikari pool that has not started: the bean
 * keeps its type, and borrowing a connection costs nothing.
 */
final class HikariPools {

	private HikariPools() {
	}

	/**
	 * Whether a bean is a pool that can still be given, or already has, a
	 * {@code DataSource} of ours.
	 */
	static boolean handles(DataSource dataSource) {
		return dataSource instanceof HikariDataSource pool && (isPrepared(pool)
				|| (!pool.isRunning() && (pool.getJdbcUrl() != null || pool.getDataSource() != null)));
	}

	/**
	 * Prepare a pool, unless that was done before.
	 */
	static void prepare(DataSource dataSource, String beanName, DataSourceMatcher matcher) {
		HikariDataSource pool = (HikariDataSource) dataSource;
		if (isPrepared(pool)) {
			return;
		}
		DataSource inner = pool.getDataSource();
		if (inner != null) {
			matcher.find(beanName, JdbcUrls.of(inner), Map.of())
				.ifPresent((match) -> pool.setDataSource(new PreparingDataSource(inner, match.database())));
			return;
		}
		Map<String, String> properties = properties(pool);
		matcher.find(beanName, pool.getJdbcUrl(), properties).ifPresent((match) -> {
			SqliteUrl url = (match.url() != null) ? match.url() : SqliteUrl.parse(pool.getJdbcUrl(), properties);
			pool.setDataSource(match.database().dataSource(url));
		});
	}

	private static boolean isPrepared(HikariDataSource pool) {
		return pool.getDataSource() instanceof LitestreamDataSource
				|| pool.getDataSource() instanceof PreparingDataSource;
	}

	private static Map<String, String> properties(HikariDataSource pool) {
		return pool.getDataSourceProperties()
			.entrySet()
			.stream()
			.collect(Collectors.toMap((entry) -> String.valueOf(entry.getKey()),
					(entry) -> String.valueOf(entry.getValue())));
	}

}
