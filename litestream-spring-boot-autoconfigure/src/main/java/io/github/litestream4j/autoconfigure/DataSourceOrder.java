package io.github.litestream4j.autoconfigure;

import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/**
 * Lets every {@code DataSource} of the context be made after the databases are restored:
 * a pool may open its file in its constructor.
 */
final class DataSourceOrder implements BeanFactoryPostProcessor {

	@Override
	public void postProcessBeanFactory(ConfigurableListableBeanFactory beanFactory) {
		DataSourceDefinitions.makeAfter(beanFactory, DatabaseSessions.BEAN_NAME);
	}

}
