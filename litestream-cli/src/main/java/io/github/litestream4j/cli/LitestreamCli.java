package io.github.litestream4j.cli;

import java.io.Console;
import java.io.PrintWriter;
import java.time.Instant;

import io.github.litestream4j.ltx.Txid;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/**
 * The program. Exit codes: 0 when what was asked for was done, 1 when it was not, 2 when
 * the command line itself is wrong, 3 when it could not be found out whether a replica is
 * sound.
 */
@Command(name = "litestream-cli", mixinStandardHelpOptions = true, versionProvider = LitestreamCli.Version.class,
		description = "Restores, lists and proves Litestream replicas.", footer = { "",
				"Exit codes: 0 done, 1 not done (the message says why), 2 wrong command line, 3 (verify) could not be run." })
public final class LitestreamCli {

	private LitestreamCli() {
	}

	/**
	 * Run the program.
	 * @param arguments the command line
	 */
	public static void main(String[] arguments) {
		Output output = new Output(new PrintWriter(System.out, true), new PrintWriter(System.err, true), isTerminal());
		System.exit(run(output, arguments));
	}

	/**
	 * Run one command.
	 * @param output where to
	 * @param arguments the command line
	 * @return the exit code
	 */
	static int run(Output output, String... arguments) {
		try (CleanEnd end = new CleanEnd()) {
			CommandLine program = new CommandLine(new LitestreamCli()).addSubcommand(new RestoreCommand(output, end))
				.addSubcommand(new LtxCommand(output, end))
				.addSubcommand(new GenerationsCommand(output, end))
				.addSubcommand(new VerifyCommand(output, end));
			int exit = program.setOut(output.out())
				.setErr(output.err())
				.registerConverter(Txid.class, Conversions::txid)
				.registerConverter(Instant.class, Conversions::instant)
				.setCaseInsensitiveEnumValuesAllowed(true)
				.setExecutionExceptionHandler(new FailureHandler())
				.execute(arguments);
			output.flush();
			return exit;
		}
	}

	/**
	 * Newer JDKs have a console also where there is no terminal, and a method that tells
	 * the two apart.
	 */
	private static boolean isTerminal() {
		Console console = System.console();
		if (console == null) {
			return false;
		}
		try {
			return (Boolean) Console.class.getMethod("isTerminal").invoke(console);
		}
		catch (NoSuchMethodException ex) {
			return true;
		}
		catch (ReflectiveOperationException ex) {
			throw new IllegalStateException("Console.isTerminal() cannot be called", ex);
		}
	}

	/**
	 * Tells the version from the jar's manifest.
	 */
	static final class Version implements IVersionProvider {

		@Override
		public String[] getVersion() {
			String version = LitestreamCli.class.getPackage().getImplementationVersion();
			return new String[] { "litestream-cli " + ((version != null) ? version : "(not packaged)") };
		}

	}

}
