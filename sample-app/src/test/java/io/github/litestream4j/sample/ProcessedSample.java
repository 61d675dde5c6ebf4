package io.github.litestream4j.sample;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

import io.github.litestream4j.testsupport.ChildProcess;

import org.springframework.boot.SpringApplicationAotProcessor;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The sample application, processed ahead of time as {@code process-aot} of Boot's build
 * plugin does it.
 *
 * @param classes the folder of its classes
 */
record ProcessedSample(Path classes) {

	/**
	 * Process it with its defaults.
	 * @param folder where everything is put
	 * @return the result
	 */
	static ProcessedSample in(Path folder) throws IOException {
		Path sources = Files.createDirectories(folder.resolve("sources"));
		Path classes = Files.createDirectories(folder.resolve("classes"));
		Path work = Files.createDirectories(folder.resolve("work"));
		String classPath = System.getProperty("java.class.path");
		try (ChildProcess process = ChildProcess
			.startJava(
					List.of("-XX:TieredStopAtLevel=1", "-cp", classPath, SpringApplicationAotProcessor.class.getName(),
							SampleApplication.class.getName(), sources.toString(), classes.toString(),
							classes.toString(), "io.github.litestream4j", "sample-app"),
					Map.of(), work, folder.resolve("processing.log"))) {
			assertThat(process.await(Duration.ofMinutes(2))).as(process::output).isZero();
		}
		// All that a build leaves is the folder that the sample makes for its database
		try (Stream<Path> files = Files.walk(work)) {
			assertThat(files).containsExactlyInAnyOrder(work, work.resolve("data"));
		}
		compile(sources, classes, classPath);
		return new ProcessedSample(classes);
	}

	private static void compile(Path sources, Path classes, String classPath) throws IOException {
		JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
		StringWriter messages = new StringWriter();
		try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
				Stream<Path> walk = Files.walk(sources)) {
			List<Path> generated = walk.filter((file) -> file.toString().endsWith(".java")).toList();
			boolean compiled = compiler
				.getTask(messages, files, null,
						List.of("-proc:none", "-nowarn", "-d", classes.toString(), "-cp",
								classes + File.pathSeparator + classPath),
						null, files.getJavaFileObjectsFromPaths(generated))
				.call();
			assertThat(compiled).as(messages.toString()).isTrue();
		}
	}

	/**
	 * Start it as an image does.
	 * @param directory the working directory
	 * @param log the file that it prints into
	 * @param settings what differs from the defaults, as {@code --name=value}
	 * @return the application
	 */
	RunningSample start(Path directory, Path log, List<String> settings) {
		return RunningSample.start(directory, log, List.of("-Dspring.aot.enabled=true"), List.of(this.classes),
				settings);
	}

}
