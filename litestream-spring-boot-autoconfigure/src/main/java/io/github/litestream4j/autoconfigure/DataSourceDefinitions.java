package io.github.litestream4j.autoconfigure;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;

import javax.sql.DataSource;

import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;

/**
 * The {@link DataSource} beans of one context, found without making any of them.
 */
final class DataSourceDefinitions {

	private DataSourceDefinitions() {
	}

	/**
	 * All of them, those of parent contexts left out.
	 */
	static Set<String> names(ConfigurableListableBeanFactory beanFactory) {
		Set<String> names = new LinkedHashSet<>(
				Arrays.asList(beanFactory.getBeanNamesForType(DataSource.class, true, false)));
		names.removeIf(ScopedProxyUtils::isScopedTarget);
		return names;
	}

	/**
	 * Those that may be a database of their own, a primary one first. What only hands on
	 * connections of another {@code DataSource} is none.
	 */
	static Set<String> candidates(ConfigurableListableBeanFactory beanFactory) {
		Set<String> candidates = new LinkedHashSet<>();
		Set<String> names = names(beanFactory);
		names.stream().filter((name) -> isPrimary(beanFactory, name)).forEach(candidates::add);
		names.stream().filter((name) -> !isDelegate(beanFactory, name)).forEach(candidates::add);
		return candidates;
	}

	private static boolean isPrimary(ConfigurableListableBeanFactory beanFactory, String name) {
		return !isDelegate(beanFactory, name) && beanFactory.containsBeanDefinition(name)
				&& beanFactory.getMergedBeanDefinition(name).isPrimary();
	}

	private static boolean isDelegate(ConfigurableListableBeanFactory beanFactory, String name) {
		Class<?> type = beanFactory.getType(name, false);
		return type != null && (DelegatingDataSource.class.isAssignableFrom(type)
				|| AbstractRoutingDataSource.class.isAssignableFrom(type));
	}

	/**
	 * Let each of them be made after another bean, and destroyed before it.
	 */
	static void makeAfter(ConfigurableListableBeanFactory beanFactory, String first) {
		for (String name : beanFactory.getBeanNamesForType(DataSource.class, true, false)) {
			String definitionName = BeanFactoryUtils.transformedBeanName(name);
			if (beanFactory.containsBeanDefinition(definitionName)) {
				BeanDefinition definition = beanFactory.getBeanDefinition(definitionName);
				Set<String> dependsOn = new LinkedHashSet<>();
				dependsOn.add(first);
				if (definition.getDependsOn() != null) {
					dependsOn.addAll(Arrays.asList(definition.getDependsOn()));
				}
				definition.setDependsOn(dependsOn.toArray(String[]::new));
			}
		}
	}

}
