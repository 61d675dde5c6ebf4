package io.github.litestream4j.autoconfigure;

import io.github.litestream4j.ConfigurationException;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.ReplicaUrl;
import io.github.litestream4j.storage.s3.S3ReplicaStorage;
import software.amazon.awssdk.services.s3.S3Client;

import org.springframework.beans.BeansException;
import org.springframework.beans.factory.BeanCurrentlyInCreationException;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.beans.factory.NoUniqueBeanDefinitionException;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.config.NamedBeanHolder;
import org.springframework.core.NestedExceptionUtils;

/**
 * Replicas in S3, through the application's own {@link S3Client}, which may be one that
 * encrypts.
 */
final class S3Storages {

	private S3Storages() {
	}

	static ReplicaStorage open(ReplicaUrl.S3 url, ConfigurableListableBeanFactory beanFactory) {
		NamedBeanHolder<S3Client> client = client(url, beanFactory);
		// asked for by hand, the client would not be known as a dependency, and would be
		// closed before the last sync
		beanFactory.registerDependentBean(client.getBeanName(), DatabaseSessions.BEAN_NAME);
		return S3ReplicaStorage.open(client.getBeanInstance(), url.bucket(), url.prefix());
	}

	private static NamedBeanHolder<S3Client> client(ReplicaUrl.S3 url, ConfigurableListableBeanFactory beanFactory) {
		try {
			return beanFactory.resolveNamedBean(S3Client.class);
		}
		catch (NoUniqueBeanDefinitionException ex) {
			throw new ConfigurationException("the replica " + url + " needs one S3Client bean, but there are "
					+ ex.getBeanNamesFound() + ": mark one as primary", ex);
		}
		catch (NoSuchBeanDefinitionException ex) {
			if (ex.getBeanType() != S3Client.class) {
				throw failed(url, ex);
			}
			throw new ConfigurationException("the replica " + url + " needs an S3Client bean, and there is none: "
					+ "add io.awspring.cloud:spring-cloud-aws-starter-s3, remove spring.cloud.aws.s3.enabled=false, "
					+ "or define one", ex);
		}
		catch (BeanCurrentlyInCreationException ex) {
			throw new ConfigurationException("the S3Client bean for the replica " + url
					+ " depends on a DataSource, which cannot be made before the database is restored from there: "
					+ "define an S3Client without that dependency", ex);
		}
		catch (BeansException ex) {
			throw failed(url, ex);
		}
	}

	private static ConfigurationException failed(ReplicaUrl.S3 url, BeansException ex) {
		return new ConfigurationException("the S3Client bean for the replica " + url + " cannot be made: "
				+ NestedExceptionUtils.getMostSpecificCause(ex).getMessage()
				+ " (its settings are spring.cloud.aws.*, such as spring.cloud.aws.region.static)", ex);
	}

}
