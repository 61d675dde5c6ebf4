package io.github.litestream4j.autoconfigure;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * What opens the connections that a {@code DataSource} hands out. Spring Boot can tell it
 * since 4.1; here it is for 4.0 too.
 */
final class DataSourceRoots {

	private DataSourceRoots() {
	}

	/**
	 * What is beneath all wrappers and proxies; the {@code DataSource} itself when it is
	 * none.
	 */
	static DataSource of(DataSource dataSource) {
		List<DataSource> layers = layers(dataSource);
		return layers.get(layers.size() - 1);
	}

	/**
	 * A {@code DataSource} and what is beneath it, the root last.
	 */
	static List<DataSource> layers(DataSource dataSource) {
		List<DataSource> layers = new ArrayList<>();
		DataSource layer = dataSource;
		while (layer != null && (layers.isEmpty() || layer != layers.get(layers.size() - 1))) {
			layers.add(layer);
			layer = next(layer);
		}
		return layers;
	}

	private static @Nullable DataSource next(DataSource dataSource) {
		DataSource unwrapped = unwrap(dataSource);
		if (unwrapped != null && unwrapped != dataSource) {
			return unwrapped;
		}
		if (dataSource instanceof DelegatingDataSource delegating) {
			return delegating.getTargetDataSource();
		}
		return (AopProxyUtils.getSingletonTarget(dataSource) instanceof DataSource target) ? target : null;
	}

	private static @Nullable DataSource unwrap(DataSource dataSource) {
		try {
			return dataSource.isWrapperFor(DataSource.class) ? dataSource.unwrap(DataSource.class) : null;
		}
		catch (SQLException | RuntimeException ex) {
			// one that has no target yet, or not the method, is its own root
			return null;
		}
	}

}
