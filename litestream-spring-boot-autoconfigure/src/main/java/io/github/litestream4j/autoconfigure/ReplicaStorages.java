package io.github.litestream4j.autoconfigure;

import io.github.litestream4j.ConfigurationException;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.ReplicaUrl;
import io.github.litestream4j.storage.file.FileReplicaStorage;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.util.ClassUtils;

/**
 * Opens the storage of a replica. Nothing of S3 is asked for unless a URL says so: an
 * application that keeps its replica in a folder needs no region and no credentials.
 */
final class ReplicaStorages {

	private static final boolean S3_PRESENT = ClassUtils.isPresent("software.amazon.awssdk.services.s3.S3Client",
			ReplicaStorages.class.getClassLoader());

	private final ConfigurableListableBeanFactory beanFactory;

	ReplicaStorages(ConfigurableListableBeanFactory beanFactory) {
		this.beanFactory = beanFactory;
	}

	ReplicaStorage open(ReplicaUrl url) {
		if (url instanceof ReplicaUrl.File file) {
			return new FileReplicaStorage(file.folder());
		}
		if (!S3_PRESENT) {
			throw new ConfigurationException(
					"the replica " + url + " needs the AWS SDK, which is not on the class path: "
							+ "add io.awspring.cloud:spring-cloud-aws-starter-s3");
		}
		return S3Storages.open((ReplicaUrl.S3) url, this.beanFactory);
	}

}
