package io.github.litestream4j.sample;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.springframework.boot.context.event.ApplicationEnvironmentPreparedEvent;
import org.springframework.context.ApplicationListener;

/**
 * Makes the folder of the database before anything looks for it, so that the sample runs
 * from a fresh clone. An application in production has its folder mounted, and wants to
 * fail where it is not.
 */
final class DataFolder implements ApplicationListener<ApplicationEnvironmentPreparedEvent> {

	@Override
	public void onApplicationEvent(ApplicationEnvironmentPreparedEvent event) {
		Path folder = Path.of(event.getEnvironment().getRequiredProperty("sample.data-folder"));
		try {
			Files.createDirectories(folder);
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Could not make the folder '" + folder.toAbsolutePath()
					+ "'. Choose another with --sample.data-folder=…", ex);
		}
	}

}
