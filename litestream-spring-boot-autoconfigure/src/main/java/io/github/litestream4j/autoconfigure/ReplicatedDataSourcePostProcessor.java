package io.github.litestream4j.autoconfigure;

import java.util.Map;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;
import org.springframework.util.ClassUtils;

/**
 * Lets the engine see each commit: beneath a pool that has not started yet, which leaves
 * the bean as it is; else around the bean.
 */
final class ReplicatedDataSourcePostProcessor implements BeanPostProcessor, PriorityOrdered {

	private static final boolean HIKARI_PRESENT = ClassUtils.isPresent("com.zaxxer.hikari.HikariDataSource",
			ReplicatedDataSourcePostProcessor.class.getClassLoader());

	private final DataSourceMatcher matcher;

	private final ConfigurableListableBeanFactory beanFactory;

	private final RoutingTargets routingTargets;

	ReplicatedDataSourcePostProcessor(DataSourceMatcher matcher, ConfigurableListableBeanFactory beanFactory) {
		this.matcher = matcher;
		this.beanFactory = beanFactory;
		this.routingTargets = new RoutingTargets(matcher, beanFactory);
	}

	/**
	 * After the pool's properties are bound (second place) and taken from connection
	 * details (third place), and before any other post-processor wraps the bean.
	 */
	@Override
	public int getOrder() {
		return Ordered.HIGHEST_PRECEDENCE + 3;
	}

	@Override
	public Object postProcessBeforeInitialization(Object bean, String beanName) {
		if (bean instanceof DataSource dataSource) {
			prepareBeneath(dataSource, beanName);
		}
		return bean;
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		if (bean instanceof AbstractRoutingDataSource routing) {
			this.routingTargets.verify(beanName, routing);
			return bean;
		}
		if (!(bean instanceof DataSource dataSource) || ScopedProxyUtils.isScopedTarget(beanName)) {
			return bean;
		}
		DataSource root = DataSourceRoots.of(dataSource);
		if (prepareBeneath(root, beanName)) {
			return bean;
		}
		return this.matcher.find(beanName, JdbcUrls.of(root), Map.of())
			.<Object>map((match) -> PreparingDataSource.around(dataSource, match.database(), declaredType(beanName)))
			.orElse(bean);
	}

	private boolean prepareBeneath(DataSource dataSource, String beanName) {
		if (HIKARI_PRESENT && HikariPools.handles(dataSource)) {
			HikariPools.prepare(dataSource, beanName, this.matcher);
			return true;
		}
		return false;
	}

	private @Nullable Class<?> declaredType(String beanName) {
		return this.beanFactory.containsBeanDefinition(beanName)
				? this.beanFactory.getMergedBeanDefinition(beanName).getResolvableType().resolve() : null;
	}

}
