package io.github.litestream4j.torture;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

import org.sqlite.SQLiteJDBCLoader;
import org.sqlite.util.LibraryLoaderUtil;

/**
 * How an application is started: often, so everything that would be done at each start
 * and can be done once is done here.
 */
final class JavaCommand {

	private final List<String> options = new ArrayList<>();

	private final Path archive;

	/**
	 * Prepare.
	 * @param folder where jars, library and class archive are put
	 */
	JavaCommand(Path folder) throws IOException {
		Files.createDirectories(folder);
		this.archive = folder.resolve("classes.jsa");
		Path library = folder.resolve(LibraryLoaderUtil.getNativeLibName());
		String resource = LibraryLoaderUtil.getNativeLibResourcePath() + "/" + library.getFileName();
		try (InputStream in = SQLiteJDBCLoader.class.getResourceAsStream(resource)) {
			if (in == null) {
				throw new IOException(resource + " is not on the class path");
			}
			Files.copy(in, library);
		}
		this.options.addAll(List.of("-Xmx64m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-UsePerfData",
				"-Djava.awt.headless=true", "-Dtorture.log=info", "-Dorg.sqlite.lib.path=" + folder,
				"-Dorg.sqlite.lib.name=" + library.getFileName(), "-cp", jars(folder)));
	}

	/** The class archive can hold no classes of folders. */
	private static String jars(Path folder) throws IOException {
		List<String> jars = new ArrayList<>();
		for (String one : System.getProperty("java.class.path").split(File.pathSeparator)) {
			Path path = Path.of(one);
			if (Files.isDirectory(path)) {
				jars.add(jar(path, folder.resolve("classes-" + jars.size() + ".jar")).toString());
			}
			else if (Files.exists(path)) {
				jars.add(one);
			}
		}
		return String.join(File.pathSeparator, jars);
	}

	private static Path jar(Path classes, Path jar) throws IOException {
		try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
				Stream<Path> files = Files.walk(classes)) {
			for (Path file : files.filter(Files::isRegularFile).toList()) {
				out.putNextEntry(new JarEntry(classes.relativize(file).toString().replace(File.separatorChar, '/')));
				Files.copy(file, out);
			}
		}
		return jar;
	}

	/** For the life that the class archive is made of. */
	List<String> training() {
		return command("-XX:ArchiveClassesAtExit=" + this.archive);
	}

	List<String> usual() {
		return Files.exists(this.archive) ? command("-XX:SharedArchiveFile=" + this.archive) : command("-Xshare:auto");
	}

	private List<String> command(String sharing) {
		List<String> command = new ArrayList<>(List.of(sharing, "-Xlog:cds=off", "-Xlog:cds+dynamic=off"));
		command.addAll(this.options);
		command.add(LedgerApplication.class.getName());
		return command;
	}

}
