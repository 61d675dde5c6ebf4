package io.github.litestream4j.autoconfigure;

import javax.sql.DataSource;

import jakarta.persistence.Entity;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.Id;
import liquibase.integration.spring.SpringLiquibase;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceInitializationAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.liquibase.autoconfigure.LiquibaseAutoConfiguration;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The database is restored before a migration opens its file.
 */
class MigrationOrderTests extends AbstractStartOrderTests {

	@Test
	void flyway() {
		withUrl().withConfiguration(AutoConfigurations.of(FlywayAutoConfiguration.class))
			.withPropertyValues("spring.flyway.baseline-on-migrate=true")
			.run(this::assertRestoredThenMigrated);
	}

	@Test
	void flywayWithItsOwnUrl() {
		withUrl().withConfiguration(AutoConfigurations.of(FlywayAutoConfiguration.class))
			.withPropertyValues("spring.flyway.baseline-on-migrate=true", "spring.flyway.url=" + url(),
					"spring.flyway.user=none")
			.run(this::assertRestoredThenMigrated);
	}

	@Test
	void flywayWithItsOwnUser() {
		withUrl().withConfiguration(AutoConfigurations.of(FlywayAutoConfiguration.class))
			.withPropertyValues("spring.flyway.baseline-on-migrate=true", "spring.flyway.user=none")
			.run(this::assertRestoredThenMigrated);
	}

	@Test
	void flywayOfTheUserWithADriverOfItsOwn() {
		withUrl().withConfiguration(AutoConfigurations.of(FlywayAutoConfiguration.class))
			.withBean("migration", Flyway.class, () -> {
				Flyway flyway = Flyway.configure().dataSource(url(), null, null).baselineOnMigrate(true).load();
				flyway.migrate();
				return flyway;
			})
			.run(this::assertRestoredThenMigrated);
	}

	@Test
	void liquibase() {
		withUrl().withConfiguration(AutoConfigurations.of(LiquibaseAutoConfiguration.class)).run((context) -> {
			assertRestoredThenMigrated(context);
			assertThat(context).hasSingleBean(SpringLiquibase.class);
		});
	}

	@Test
	void liquibaseWithItsOwnUrl() {
		withUrl().withConfiguration(AutoConfigurations.of(LiquibaseAutoConfiguration.class))
			.withPropertyValues("spring.liquibase.url=" + url(), "spring.liquibase.user=none")
			.run(this::assertRestoredThenMigrated);
	}

	@Test
	void scripts() {
		withUrl().withConfiguration(AutoConfigurations.of(DataSourceInitializationAutoConfiguration.class))
			.withPropertyValues("spring.sql.init.mode=always", "spring.sql.init.schema-locations=classpath:init.sql")
			.run(this::assertRestoredThenMigrated);
	}

	@Test
	void jpa() {
		withUrl()
			.withConfiguration(AutoConfigurations.of(DataSourceTransactionManagerAutoConfiguration.class,
					HibernateJpaAutoConfiguration.class))
			.withUserConfiguration(Entities.class)
			.withPropertyValues("spring.jpa.hibernate.ddl-auto=update",
					"spring.jpa.database-platform=org.hibernate.community.dialect.SQLiteDialect")
			.run((context) -> {
				assertRestoredThenMigrated(context);
				assertThat(context).hasSingleBean(EntityManagerFactory.class);
			});
	}

	private void assertRestoredThenMigrated(AssertableApplicationContext context) throws Throwable {
		restoredFirst().accept(context);
		assertThat(Connections.query(context.getBean(DataSource.class),
				"SELECT name FROM sqlite_schema WHERE name='note'"))
			.isEqualTo("note");
	}

	@Configuration(proxyBeanMethods = false)
	@EntityScan(basePackageClasses = MigrationOrderTests.class)
	static class Entities {

	}

	@Entity(name = "note")
	static class Note {

		@Id
		private long id;

		private String text = "";

	}

}
