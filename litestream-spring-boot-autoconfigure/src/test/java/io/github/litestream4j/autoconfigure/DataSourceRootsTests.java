package io.github.litestream4j.autoconfigure;

import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import org.apache.commons.dbcp2.BasicDataSource;
import org.junit.jupiter.api.Test;

import org.springframework.aop.framework.ProxyFactory;
import org.springframework.jdbc.datasource.AbstractDataSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

/**
 * What is beneath the wrappers that applications and Spring put around a pool.
 */
class DataSourceRootsTests {

	@Test
	void poolsAreTheirOwnRoots() throws Exception {
		for (DataSource pool : new DataSource[] { new HikariDataSource(), new BasicDataSource(),
				new org.apache.tomcat.jdbc.pool.DataSource(), new SimpleDriverDataSource() }) {
			assertThat(DataSourceRoots.of(pool)).isSameAs(pool);
		}
	}

	@Test
	void isBeneathDelegatesAndProxies() {
		DataSource pool = new SimpleDriverDataSource();
		DataSource lazy = new LazyConnectionDataSourceProxy(pool);
		ProxyFactory proxy = new ProxyFactory(new TransactionAwareDataSourceProxy(lazy));
		assertThat(DataSourceRoots.of(lazy)).isSameAs(pool);
		assertThat(DataSourceRoots.of((DataSource) proxy.getProxy())).isSameAs(pool);
		proxy.setProxyTargetClass(true);
		assertThat(DataSourceRoots.of((DataSource) proxy.getProxy())).isSameAs(pool);
	}

	@Test
	void isBeneathWhatUnwraps() throws SQLException {
		DataSource pool = new SimpleDriverDataSource();
		DataSource wrapper = mock(DataSource.class);
		given(wrapper.isWrapperFor(DataSource.class)).willReturn(true);
		given(wrapper.unwrap(DataSource.class)).willReturn(pool);
		assertThat(DataSourceRoots.of(new DelegatingDataSource(wrapper))).isSameAs(pool);
	}

	@Test
	void isTheWrapperThatCannotTell() throws SQLException {
		DataSource withoutTarget = new DelegatingDataSource();
		DataSource without = mock(AbstractDataSource.class);
		given(without.isWrapperFor(DataSource.class)).willThrow(new SQLFeatureNotSupportedException());
		assertThat(DataSourceRoots.of(withoutTarget)).isSameAs(withoutTarget);
		assertThat(DataSourceRoots.of(without)).isSameAs(without);
	}

}
