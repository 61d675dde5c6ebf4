package io.github.litestream4j.autoconfigure;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

import org.apache.commons.logging.Log;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.regions.providers.AwsProfileRegionProvider;
import software.amazon.awssdk.regions.providers.AwsRegionProvider;
import software.amazon.awssdk.regions.providers.SystemSettingsRegionProvider;

import org.springframework.aot.AotDetector;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.env.DefaultPropertiesPropertySource;
import org.springframework.boot.logging.DeferredLogFactory;
import org.springframework.context.aot.AbstractAotProcessor;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.util.ClassUtils;

/**
 * Leaves Spring Cloud AWS's S3 client out of an application that has no replica, or has
 * them all in folders, where the client could not be made: the client is made eagerly,
 * and wants a region even when nobody uses it. It stays wherever a region is known, and
 * wherever {@code spring.cloud.aws.s3.enabled} is set. It stays in an application that is
 * processed ahead of time, too, for that is built once for all places; there its beans
 * are taken out when it starts.
 */
final class UnusedS3Client implements EnvironmentPostProcessor {

	private static final String ENABLED = "spring.cloud.aws.s3.enabled";

	private static final List<String> REGION_PROPERTIES = List.of("spring.cloud.aws.region", "spring.cloud.aws.s3");

	private static final boolean SDK_PRESENT = ClassUtils.isPresent(
			"software.amazon.awssdk.regions.providers.AwsProfileRegionProvider", UnusedS3Client.class.getClassLoader());

	private final Log logger;

	private final BooleanSupplier regionIsKnown;

	/**
	 * Spring Boot takes the public constructor.
	 * @param logs makes the logger, whose lines wait until logging is set up
	 */
	public UnusedS3Client(DeferredLogFactory logs) {
		this(logs, Regions::isKnown);
	}

	/**
	 * For tests, which do not depend on their machine.
	 */
	UnusedS3Client(DeferredLogFactory logs, BooleanSupplier regionIsKnown) {
		this.logger = logs.getLog(UnusedS3Client.class);
		this.regionIsKnown = regionIsKnown;
	}

	@Override
	public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
		Binder binder = Binder.get(environment);
		List<String> urls = replicaUrls(binder);
		boolean inFolders = !urls.isEmpty() && urls.stream().allMatch((url) -> url.startsWith("file:"));
		boolean unused = inFolders || !binder.bind("litestream.enabled", Boolean.class).orElse(true);
		if (!SDK_PRESENT || !unused || isConfigured(binder) || this.regionIsKnown.getAsBoolean()) {
			return;
		}
		if (Boolean.getBoolean(AbstractAotProcessor.AOT_PROCESSING)) {
			return;
		}
		if (AotDetector.useGeneratedArtifacts()) {
			application.addInitializers((context) -> context.addBeanFactoryPostProcessor(new UnusedS3Beans()));
		}
		else {
			DefaultPropertiesPropertySource.addOrMerge(Map.of(ENABLED, "false"), environment.getPropertySources());
		}
		this.logger.info("No S3 client is made: no replica needs one and no AWS region is known. "
				+ "Set %s=true to have one".formatted(ENABLED));
	}

	private static boolean isConfigured(Binder binder) {
		return REGION_PROPERTIES.stream()
			.anyMatch((name) -> binder.bind(name, Bindable.mapOf(String.class, Object.class)).isBound());
	}

	// Not by LitestreamProperties: here is not the place to report what is wrong in it.
	private static List<String> replicaUrls(Binder binder) {
		List<String> urls = new ArrayList<>();
		binder.bind("litestream.replica.url", String.class).ifBound(urls::add);
		Map<String, Object> databases = binder.bind("litestream.databases", Bindable.mapOf(String.class, Object.class))
			.orElseGet(Map::of);
		for (Object settings : databases.values()) {
			if (settings instanceof Map<?, ?> keys && keys.get("replica") instanceof Map<?, ?> replica
					&& replica.get("url") instanceof String url) {
				urls.add(url);
			}
		}
		return urls;
	}

	/** Apart, so that the AWS SDK may be absent. */
	private static final class Regions {

		private Regions() {
		}

		/**
		 * Whether this machine's own settings name one. The instance metadata of EC2 is
		 * not asked: elsewhere that costs seconds.
		 */
		static boolean isKnown() {
			return isKnownTo(new SystemSettingsRegionProvider()) || isKnownTo(new AwsProfileRegionProvider());
		}

		private static boolean isKnownTo(AwsRegionProvider provider) {
			try {
				return provider.getRegion() != null;
			}
			catch (SdkException ex) {
				// how these providers say that they know none
				return false;
			}
		}

	}

}
