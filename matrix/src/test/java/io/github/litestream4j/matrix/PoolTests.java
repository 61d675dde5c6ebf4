package io.github.litestream4j.matrix;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import org.springframework.boot.SpringBootVersion;
import org.springframework.boot.system.JavaVersion;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Each way in which Boot connects to the database.
 */
class PoolTests extends AbstractMatrixTests {

	@Test
	@DisplayName("Pool: HikariCP")
	void hikari() {
		assertSurvives();
		try (Application application = start()) {
			assertThat(application.bean(DataSource.class)).isInstanceOf(HikariDataSource.class);
		}
	}

	@Test
	@DisplayName("Pool: Tomcat JDBC")
	void tomcat() {
		assertSurvivesWith("org.apache.tomcat.jdbc.pool.DataSource");
	}

	@Test
	@DisplayName("Pool: Commons DBCP2")
	void dbcp2() {
		assertSurvivesWith("org.apache.commons.dbcp2.BasicDataSource");
	}

	@Test
	@DisplayName("Pool: none (`SimpleDriverDataSource`)")
	void simpleDriverDataSource() {
		assertSurvivesWith("org.springframework.jdbc.datasource.SimpleDriverDataSource");
	}

	@Test
	@DisplayName("Pool: HikariCP, `spring.datasource.connection-fetch=lazy` (4.1)")
	void lazyConnections() {
		Assumptions.assumeFalse(SpringBootVersion.getVersion().startsWith("4.0."), "comes with Spring Boot 4.1");
		String lazy = "spring.datasource.connection-fetch=lazy";
		assertSurvives(lazy);
		try (Application application = start(lazy)) {
			assertThat(application.bean(DataSource.class)).isInstanceOf(LazyConnectionDataSourceProxy.class);
		}
	}

	@Test
	@DisplayName("Pool: HikariCP, `spring.threads.virtual.enabled=true` (JDK 21)")
	void virtualThreads() {
		Assumptions.assumeTrue(JavaVersion.getJavaVersion().isEqualOrNewerThan(JavaVersion.TWENTY_ONE));
		assertSurvives("spring.threads.virtual.enabled=true");
	}

	private void assertSurvivesWith(String type) {
		String setting = "spring.datasource.type=" + type;
		assertSurvives(setting);
		try (Application application = start(setting)) {
			DataSource dataSource = application.bean(DataSource.class);
			assertThat(dataSource).isNotInstanceOf(HikariDataSource.class);
		}
	}

}
