package io.github.litestream4j.autoconfigure;

import io.github.litestream4j.ConfigurationException;
import io.github.litestream4j.ConflictException;
import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.MissingFileException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.UnreachablePointException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Says what to do about an error of the engine that stopped the start, in place of a
 * stack trace. It is asked first: what Spring Boot would say about the cause of such an
 * error, a missing bean for one, speaks of whoever happened to need the database.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class LitestreamFailureAnalyzer extends AbstractFailureAnalyzer<LitestreamException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, LitestreamException cause) {
		return new FailureAnalysis(cause.getMessage(), action(cause), cause);
	}

	private static String action(LitestreamException cause) {
		if (cause instanceof ConfigurationException) {
			return "Change the setting as the description says. Nothing was opened with it.";
		}
		if (cause instanceof StorageUnavailableException) {
			return "Make the replica reachable (address, credentials, rights, network) and start again. "
					+ "The application was not started, because an unreachable replica might hold the database.";
		}
		if (cause instanceof UnreachablePointException) {
			return "Set litestream.restore.timestamp or litestream.restore.txid to a point that can be reached, "
					+ "or remove both to restore the latest state.";
		}
		if (cause instanceof CorruptDataException || cause instanceof MissingFileException) {
			return "Keep the replica as it is, and do what the description says. Where it says nothing, bring the named "
					+ "file back from a copy of the replica, or restore to an earlier point (litestream.restore.timestamp "
					+ "or litestream.restore.txid).";
		}
		if (cause instanceof ConflictException) {
			return "Find the other writer of this replica, such as a second instance of the application, and stop it; "
					+ "or give this application a replica of its own by litestream.replica.url.";
		}
		return "Correct what the description names and start again, or set litestream.enabled=false to start without "
				+ "replication.";
	}

}
