package io.github.litestream4j.autoconfigure;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.context.ApplicationStartupAware;
import org.springframework.context.SmartLifecycle;
import org.springframework.core.metrics.ApplicationStartup;
import org.springframework.core.metrics.StartupStep;

/**
 * The bean on which every {@code DataSource} and every database initializer depends:
 * while it is made, the databases are restored and opened; it is destroyed after the
 * pools have closed. Between, it stores each commit from the start of the context to its
 * stop, and once more at the end what beans have written while they were destroyed.
 */
final class DatabaseSessions implements ApplicationStartupAware, InitializingBean, SmartLifecycle, DisposableBean {

	/** Name of the bean. */
	static final String BEAN_NAME = "litestreamSessions";

	/**
	 * Starts before and stops after everything that may write, yet stops before Boot's
	 * logging does (lowest phase plus 1).
	 */
	static final int PHASE = Integer.MIN_VALUE + 1024;

	/** For what was written after the stop: little, and mostly nothing. */
	private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

	/** The engine keeps to its time-out; what it waits for may answer a little later. */
	private static final Duration GRACE = Duration.ofSeconds(2);

	private static final Logger logger = LoggerFactory.getLogger(DatabaseSessions.class);

	private final Supplier<DatabaseCatalog> catalog;

	private final SessionOpener opener;

	private final DataSourceVerifier verifier;

	private final Duration shutdownTimeout;

	private final @Nullable DatabaseSessions parent;

	private final Map<Path, ReplicatedDatabase> databases = new LinkedHashMap<>();

	private Map<String, Path> files = Map.of();

	private ApplicationStartup startup = ApplicationStartup.DEFAULT;

	private volatile boolean running;

	/**
	 * Create the bean of one context.
	 * @param catalog settles which databases there are
	 * @param opener opens one
	 * @param verifier looks at the application's connections
	 * @param shutdownTimeout for the last sync of all databases
	 * @param parent the bean of the parent context, or {@code null} when that has none
	 */
	DatabaseSessions(Supplier<DatabaseCatalog> catalog, SessionOpener opener, DataSourceVerifier verifier,
			Duration shutdownTimeout, @Nullable DatabaseSessions parent) {
		this.catalog = catalog;
		this.opener = opener;
		this.verifier = verifier;
		this.shutdownTimeout = shutdownTimeout;
		this.parent = parent;
	}

	/**
	 * Restores and opens all databases, or none.
	 */
	@Override
	public void afterPropertiesSet() {
		DatabaseCatalog settled = this.catalog.get();
		this.files = Map.copyOf(settled.files());
		try {
			for (DatabasePlan plan : settled.plans()) {
				this.databases.put(plan.settings().database(), open(plan));
			}
		}
		catch (RuntimeException ex) {
			// a bean whose making failed is not destroyed by the context
			try {
				destroy();
			}
			catch (RuntimeException closing) {
				ex.addSuppressed(closing);
			}
			throw ex;
		}
	}

	private ReplicatedDatabase open(DatabasePlan plan) {
		StartupStep step = this.startup.start("litestream.open").tag("database", plan.name());
		ObservedDatabase observed = new ObservedDatabase();
		try {
			return new ReplicatedDatabase(plan, this.opener.open(plan, observed), observed);
		}
		finally {
			step.end();
		}
	}

	@Override
	public void setApplicationStartup(ApplicationStartup startup) {
		this.startup = startup;
	}

	/**
	 * The database on a file.
	 */
	Optional<ReplicatedDatabase> on(Path file) {
		return Optional.ofNullable(this.databases.get(file));
	}

	/**
	 * The database that a {@code DataSource} bean was expected to be on.
	 */
	Optional<ReplicatedDatabase> of(String beanName) {
		return Optional.ofNullable(this.files.get(beanName)).flatMap(this::on);
	}

	/**
	 * Whether anything is replicated. While an image of the application is trained, and
	 * in a child context whose parent has the databases, nothing is, and every bean is
	 * left alone.
	 */
	boolean isActive() {
		return !this.databases.isEmpty();
	}

	/**
	 * The databases of this context, or, when it leaves them to its parent, the parent's:
	 * the actuator may be in the child only.
	 */
	List<ReplicatedDatabase> databases() {
		return (this.parent == null || isActive()) ? List.copyOf(this.databases.values()) : this.parent.databases();
	}

	@Override
	public void start() {
		if (this.running) {
			return;
		}
		this.files.forEach((name, file) -> this.verifier.verify(name, file));
		this.databases.values().forEach(ReplicatedDatabase::start);
		this.running = true;
	}

	@Override
	public void stop() {
		if (this.running) {
			this.running = false;
			together("stop", this.shutdownTimeout, OpenSession::stop);
		}
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	@Override
	public int getPhase() {
		return PHASE;
	}

	@Override
	public void destroy() {
		this.running = false;
		Duration timeout = (this.shutdownTimeout.compareTo(CLOSE_TIMEOUT) < 0) ? this.shutdownTimeout : CLOSE_TIMEOUT;
		together("close", timeout, OpenSession::close);
		this.databases.clear();
	}

	/**
	 * All at the same time, for each has the whole time-out.
	 */
	private void together(String action, Duration timeout, BiPredicate<OpenSession, Duration> task) {
		List<Thread> threads = new ArrayList<>();
		for (ReplicatedDatabase database : this.databases.values()) {
			Thread thread = new Thread(() -> end(database, action, timeout, task),
					"litestream-" + action + "-" + database.name());
			thread.setDaemon(true);
			threads.add(thread);
			thread.start();
		}
		await(threads, System.nanoTime() + timeout.plus(GRACE).toNanos());
	}

	private static void await(List<Thread> threads, long deadline) {
		try {
			for (Thread thread : threads) {
				long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
				thread.join(Math.max(1, left));
				if (thread.isAlive()) {
					logger.atError()
						.addKeyValue("thread", thread.getName())
						.log("The last sync goes on after its time: the shutdown does not wait for it");
				}
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			threads.forEach(Thread::interrupt);
		}
	}

	private void end(ReplicatedDatabase database, String action, Duration timeout,
			BiPredicate<OpenSession, Duration> task) {
		try {
			if (!task.test(database.session(), timeout)) {
				logger.atWarn()
					.addKeyValue("database", database.name())
					.addKeyValue("timeout", timeout)
					.log("Not every commit was stored in time: the rest is stored after the next start "
							+ "(litestream.shutdown-timeout allows more time)");
			}
		}
		catch (RuntimeException ex) {
			// one database must not keep the others from being stored
			logger.atError()
				.addKeyValue("database", database.name())
				.addKeyValue("action", action)
				.setCause(ex)
				.log("The last sync failed: commits that are not stored are stored after the next start");
		}
	}

}
