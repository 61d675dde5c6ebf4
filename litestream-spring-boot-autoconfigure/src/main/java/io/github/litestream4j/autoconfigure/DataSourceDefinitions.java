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
 * The {@link DataSource} beans of one context, found without making any of them. Those of
 * parent contexts are left out.
 */
final class DataSourceDefinitions {

	private final ConfigurableListableBeanFactory beanFactory;

	private final LitestreamProperties properties;

	DataSourceDefinitions(ConfigurableListableBeanFactory beanFactory, LitestreamProperties properties) {
		this.beanFactory = beanFactory;
		this.properties = properties;
	}

	/**
	 * All of them. A bean that hides its type is one when it has settings.
	 */
	Set<String> names() {
		Set<String> names = new LinkedHashSet<>(
				Arrays.asList(this.beanFactory.getBeanNamesForType(DataSource.class, true, false)));
		this.properties.databases()
			.keySet()
			.stream()
			.filter(this.beanFactory::containsLocalBean)
			.sorted()
			.forEach(names::add);
		names.removeIf(ScopedProxyUtils::isScopedTarget);
		return names;
	}

	/**
	 * Those that may be a database of their own, a primary one first. What only hands on
	 * connections of another {@code DataSource} is none, unless its path is set.
	 */
	Set<String> candidates() {
		Set<String> names = names();
		names.removeIf((name) -> isDelegate(name) && this.properties.database(name).path() == null);
		Set<String> candidates = new LinkedHashSet<>();
		names.stream().filter(this::isPrimary).forEach(candidates::add);
		candidates.addAll(names);
		return candidates;
	}

	private boolean isPrimary(String name) {
		return this.beanFactory.containsBeanDefinition(name)
				&& this.beanFactory.getMergedBeanDefinition(name).isPrimary();
	}

	private boolean isDelegate(String name) {
		Class<?> type = this.beanFactory.getType(name, false);
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
