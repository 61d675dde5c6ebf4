package io.github.litestream4j.cli;

import io.github.litestream4j.LitestreamException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/**
 * Says why a command failed: what the engine reports says it all, anything else is a bug
 * and is shown whole.
 */
final class FailureHandler implements IExecutionExceptionHandler {

	@Override
	public int handleExecutionException(Exception ex, CommandLine command, ParseResult parsed) {
		if (Thread.currentThread().isInterrupted()) {
			// What was going on may have failed in any way
			command.getErr().println("Interrupted: " + command.getCommandName() + " did not come to its end");
		}
		else if (ex instanceof LitestreamException) {
			command.getErr().println(ex.getMessage());
		}
		else {
			command.getErr().println("This should not have happened:");
			ex.printStackTrace(command.getErr());
		}
		return CommandLine.ExitCode.SOFTWARE;
	}

}
