package io.github.litestream4j.autoconfigure;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.BeanWrapper;
import org.springframework.beans.PropertyAccessorFactory;

/**
 * The URL that a {@code DataSource} tells: pools have no common type, but all that name a
 * URL have a property of one of two names.
 */
final class JdbcUrls {

	private static final String[] PROPERTIES = { "jdbcUrl", "url" };

	private JdbcUrls() {
	}

	/**
	 * The URL, or {@code null} when the {@code DataSource} does not tell.
	 */
	static @Nullable String of(DataSource dataSource) {
		BeanWrapper bean = PropertyAccessorFactory.forBeanPropertyAccess(dataSource);
		for (String property : PROPERTIES) {
			if (bean.isReadableProperty(property) && bean.getPropertyValue(property) instanceof String url) {
				return url;
			}
		}
		return null;
	}

}
