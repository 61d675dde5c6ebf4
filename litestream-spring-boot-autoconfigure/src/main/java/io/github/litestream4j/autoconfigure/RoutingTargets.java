package io.github.litestream4j.autoconfigure;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

import javax.sql.DataSource;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;

/**
 * What a routing {@code DataSource} hands out connections of. Those targets that are
 * beans were prepared as such; another one on SQLite would silently not be replicated,
 * and fails the start.
 */
final class RoutingTargets {

	private final DataSourceMatcher matcher;

	private final ConfigurableListableBeanFactory beanFactory;

	RoutingTargets(DataSourceMatcher matcher, ConfigurableListableBeanFactory beanFactory) {
		this.matcher = matcher;
		this.beanFactory = beanFactory;
	}

	/**
	 * Require that each target on SQLite is a bean.
	 * @param beanName the routing bean
	 * @param routing it
	 */
	void verify(String beanName, AbstractRoutingDataSource routing) {
		for (DataSource target : targets(routing)) {
			List<DataSource> layers = DataSourceRoots.layers(target);
			if (layers.stream().noneMatch(this::isPrepared)) {
				this.matcher.refuseHidden(beanName, JdbcUrls.of(layers.get(layers.size() - 1)));
			}
		}
	}

	private static List<DataSource> targets(AbstractRoutingDataSource routing) {
		try {
			List<DataSource> targets = new ArrayList<>(routing.getResolvedDataSources().values());
			DataSource standard = routing.getResolvedDefaultDataSource();
			if (standard != null) {
				targets.add(standard);
			}
			return targets;
		}
		catch (IllegalStateException ex) {
			// one that finds its targets in a way of its own does not tell them
			return List.of();
		}
	}

	private boolean isPrepared(DataSource layer) {
		return layer instanceof PreparingDataSource || isBean(this.beanFactory, layer);
	}

	private static boolean isBean(ConfigurableListableBeanFactory beanFactory, DataSource dataSource) {
		BeanFactory parent = beanFactory.getParentBeanFactory();
		return beans(beanFactory).anyMatch((bean) -> bean == dataSource)
				|| (parent instanceof ConfigurableListableBeanFactory factory && isBean(factory, dataSource));
	}

	private static Stream<Object> beans(ConfigurableListableBeanFactory beanFactory) {
		return Arrays.stream(beanFactory.getBeanNamesForType(DataSource.class, true, false))
			.filter((name) -> beanFactory.containsSingleton(name) && !beanFactory.isCurrentlyInCreation(name))
			.map(beanFactory::getBean);
	}

}
