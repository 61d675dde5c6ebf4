package io.github.litestream4j.autoconfigure;

import java.lang.reflect.Method;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.BeanDefinitionRegistryPostProcessor;
import org.springframework.beans.factory.support.RootBeanDefinition;

/**
 * Takes the beans of Spring Cloud AWS's S3 out of an application that was processed ahead
 * of time: what beans it has was settled when it was built, and a property comes too late
 * for that. To make them lazy is not enough, for the loader of resources asks for the
 * client with whatever it loads.
 */
final class UnusedS3Beans implements BeanDefinitionRegistryPostProcessor {

	private static final String AUTO_CONFIGURATION = "io.awspring.cloud.autoconfigure.s3.";

	private static final String RESOURCES = "io.awspring.cloud.s3.";

	@Override
	public void postProcessBeanDefinitionRegistry(BeanDefinitionRegistry registry) {
		for (String name : registry.getBeanDefinitionNames()) {
			if (isAutoConfigured(registry.getBeanDefinition(name))) {
				registry.removeBeanDefinition(name);
			}
		}
	}

	private static boolean isAutoConfigured(BeanDefinition definition) {
		Method method = (definition instanceof RootBeanDefinition root) ? root.getResolvedFactoryMethod() : null;
		if (method != null) {
			return method.getDeclaringClass().getName().startsWith(AUTO_CONFIGURATION);
		}
		String type = definition.getBeanClassName();
		return startsWith(type, AUTO_CONFIGURATION) || startsWith(type, RESOURCES);
	}

	private static boolean startsWith(@Nullable String type, String prefix) {
		return type != null && type.startsWith(prefix);
	}

}
