package io.github.litestream4j.torture;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

import io.github.litestream4j.testsupport.ChildProcess;

import org.jspecify.annotations.Nullable;

/**
 * An application as the harness sees it: what it writes into its journal goes into the
 * truth.
 */
final class ApplicationProcess implements AutoCloseable {

	private final ChildProcess process;

	private final Journal journal;

	private final Truth truth;

	private final boolean databaseWasLost;

	private boolean open;

	private @Nullable Entry quiet;

	private @Nullable Entry closed;

	private boolean closedStored;

	private ApplicationProcess(ChildProcess process, Journal journal, Truth truth, boolean databaseWasLost) {
		this.process = process;
		this.journal = journal;
		this.truth = truth;
		this.databaseWasLost = databaseWasLost;
	}

	static ApplicationProcess start(List<String> java, ApplicationSettings settings, Path log, Truth truth,
			boolean databaseWasLost) {
		List<String> arguments = new ArrayList<>(java);
		arguments.addAll(settings.arguments());
		TorturedDatabase.delete(settings.journal());
		ChildProcess process = ChildProcess.startJava(arguments, Map.of(), log.getParent(), log);
		return new ApplicationProcess(process, new Journal(settings.journal()), truth, databaseWasLost);
	}

	/** Wait until the database is open and was found whole. */
	void awaitOpen(Duration timeout) {
		await("open", timeout, () -> this.open);
	}

	boolean isOpenWithin(Duration timeout) {
		return isWithin(timeout, () -> this.open);
	}

	/** Let nobody write any more, and wait until all is stored. */
	Entry quiet(Duration timeout) {
		this.process.send("quiet");
		await("quiet", timeout, () -> this.quiet != null);
		return java.util.Objects.requireNonNull(this.quiet);
	}

	void heal() {
		this.process.send("heal");
	}

	/**
	 * Stop it.
	 * @return what the last entry is when all was stored, or {@code null}
	 */
	@Nullable Entry stop(int millis, Duration timeout) {
		this.process.send("stop " + millis);
		await("closed", timeout, () -> this.closed != null);
		this.process.await(timeout);
		return this.closedStored ? this.closed : null;
	}

	/** {@code kill -9}. */
	void kill() {
		this.process.kill();
		readJournal();
	}

	String output() {
		return this.process.output();
	}

	private void await(String what, Duration timeout, BooleanSupplier condition) {
		if (!isWithin(timeout, condition)) {
			threadDump();
			throw new Violation("The application is not " + what + " within " + timeout);
		}
	}

	private void threadDump() {
		ChildProcess dump = ChildProcess.start(List.of("kill", "-3", Long.toString(this.process.pid())), Map.of(),
				Path.of("."), Path.of("/dev/null"));
		dump.await(Duration.ofSeconds(5));
		isWithin(Duration.ofMillis(500), () -> false);
	}

	private boolean isWithin(Duration timeout, BooleanSupplier condition) {
		long deadline = System.nanoTime() + timeout.toNanos();
		while (true) {
			boolean alive = this.process.isAlive();
			readJournal();
			if (condition.getAsBoolean()) {
				return true;
			}
			if (!alive) {
				throw new Violation("The application has ended by itself: " + output());
			}
			if (System.nanoTime() > deadline) {
				return false;
			}
			pause();
		}
	}

	private static void pause() {
		try {
			TimeUnit.MILLISECONDS.sleep(3);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("interrupted", ex);
		}
	}

	void readJournal() {
		for (String[] words : this.journal.newLines()) {
			switch (words[0]) {
				case "open" -> {
					this.truth.opened(Entry.parse(words, 1), this.databaseWasLost);
					this.open = true;
				}
				case "intent" -> this.truth.intended(Entry.parse(words, 1));
				case "committed" -> this.truth.committed(Entry.parse(words, 1));
				case "stored" -> this.truth.stored(Long.parseLong(words[1]));
				case "quiet" -> {
					this.quiet = Entry.parse(words, 1);
					this.truth.stored(this.quiet.seq());
				}
				case "closed" -> {
					this.closedStored = Boolean.parseBoolean(words[1]);
					this.closed = Entry.parse(words, 2);
				}
				case "refused" -> {
				}
				default -> throw new Violation("In the application: " + String.join(" ", words));
			}
		}
	}

	@Override
	public void close() {
		this.process.close();
	}

}
