package io.github.litestream4j.session;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.replication.ReplicatorSettings;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.testsupport.ChildProcess;

/**
 * Another JVM that opens databases one after the other, each with a replica of its own
 * beside it, and prints what comes of it.
 */
final class OpenProcess {

	private OpenProcess() {
	}

	public static void main(String[] files) {
		for (String file : files) {
			try {
				Path database = Path.of(file);
				DatabaseSession session = DatabaseSession.open(ReplicatorSettings.of("child", database),
						RestoreSettings.DEFAULT, new FileReplicaStorage(Path.of(file + "-replica")));
				System.out.println("opened " + session.close(Duration.ofSeconds(10)));
			}
			catch (LitestreamException ex) {
				System.out.println(ex.getClass().getSimpleName() + ": " + ex.getMessage());
			}
		}
	}

	/**
	 * Run it.
	 * @param wrapper what the command begins with, which may take rights away
	 * @param folder where its output is kept
	 * @param files the databases
	 * @return what it printed
	 */
	static String run(List<String> wrapper, Path folder, Path... files) {
		List<String> command = new ArrayList<>(wrapper);
		command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
		command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp",
				System.getProperty("java.class.path"), OpenProcess.class.getName()));
		for (Path file : files) {
			command.add(file.toString());
		}
		try (ChildProcess process = ChildProcess.start(command, Map.of(), folder, folder.resolve("child.log"))) {
			process.await(Duration.ofSeconds(60));
			return process.output();
		}
	}

}
