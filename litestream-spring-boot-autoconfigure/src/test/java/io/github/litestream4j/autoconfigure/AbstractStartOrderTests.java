package io.github.litestream4j.autoconfigure;

import javax.sql.DataSource;

import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ContextConsumer;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application whose database is restored as it starts.
 */
abstract class AbstractStartOrderTests extends AbstractFakeEngineTests {

	/**
	 * The file was not there when the engine opened it, and what it restored is what the
	 * application sees.
	 */
	ContextConsumer<AssertableApplicationContext> restoredFirst() {
		return (context) -> {
			assertThat(context).hasNotFailed();
			assertThat(this.engine.events).first().isEqualTo("open " + this.engine.plans.keySet().iterator().next());
			assertThat(Connections.query(context.getBean(DataSource.class), "SELECT count(*) FROM restored"))
				.isEqualTo("1");
		};
	}

}
