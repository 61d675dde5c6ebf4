package io.github.litestream4j.autoconfigure;

import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.replication.ReplicaContents;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;

/**
 * The actuator's endpoint {@code litestream}: where each database stands, what its
 * replica holds, and what can be done for it. Reading answers from memory unless it is
 * told to ask the storage.
 */
@Endpoint(id = "litestream", defaultAccess = Access.READ_ONLY)
public final class LitestreamEndpoint {

	/** Storing what is committed is a matter of moments, or fails. */
	static final Duration SYNC_TIMEOUT = Duration.ofSeconds(30);

	/** A snapshot or a drill that takes longer goes on, and the caller is told so. */
	static final Duration LONG_TIMEOUT = Duration.ofMinutes(10);

	private final LitestreamDatabases databases;

	LitestreamEndpoint(LitestreamDatabases databases) {
		this.databases = databases;
	}

	/**
	 * Where each database stands.
	 * @return the databases by the names of their {@code DataSource} beans
	 */
	@ReadOperation
	public Databases databases() {
		Map<String, DatabaseDescriptor> descriptors = new LinkedHashMap<>();
		this.databases.statuses().keySet().forEach((name) -> descriptors.put(name, describe(name)));
		return new Databases(descriptors);
	}

	/**
	 * Where one database stands.
	 * @param database its name
	 * @return {@code null} when no database has that name
	 */
	@ReadOperation
	public @Nullable OperationResponseBody database(@Selector String database) {
		return isKnown(database) ? describe(database) : null;
	}

	/**
	 * What the replica of one database holds.
	 * @param database its name
	 * @param part {@code generations} or {@code snapshots}
	 * @param refresh whether to ask the storage
	 * @return {@code null} when there is no such database or part
	 */
	@ReadOperation
	public @Nullable List<?> contents(@Selector String database, @Selector String part, @Nullable Boolean refresh) {
		Optional<Part> known = Part.of(part);
		if (!isKnown(database) || known.isEmpty()) {
			return null;
		}
		return known.get().of(this.databases.contents(database, Boolean.TRUE.equals(refresh)));
	}

	/**
	 * Do something for one database, and wait for it.
	 * @param database its name
	 * @param operation {@code snapshot}, {@code sync} or {@code verify}
	 * @return what came of it; {@code null} when no database has that name
	 * @throws InvalidEndpointRequestException when there is no such operation
	 * @throws LitestreamException when it failed
	 */
	@WriteOperation
	public @Nullable OperationResponseBody perform(@Selector String database, @Selector String operation) {
		if (!isKnown(database)) {
			return null;
		}
		return switch (operation) {
			case "snapshot" -> DatabaseDescriptor.Taken.of(this.databases.snapshot(database, LONG_TIMEOUT));
			case "sync" -> new DatabaseDescriptor.Synced(this.databases.sync(database, SYNC_TIMEOUT).toString());
			case "verify" -> DatabaseDescriptor.Drill.of(this.databases.verify(database, LONG_TIMEOUT));
			default -> throw new InvalidEndpointRequestException(
					"'" + operation + "' is no operation of a database: there are snapshot, sync and verify",
					"There are the operations snapshot, sync and verify");
		};
	}

	private boolean isKnown(String database) {
		return this.databases.statuses().containsKey(database);
	}

	private DatabaseDescriptor describe(String name) {
		return DatabaseDescriptor.of(this.databases.status(name), this.databases.lastDrill(name).orElse(null));
	}

	/**
	 * Where each database stands.
	 *
	 * @param databases by the names of their {@code DataSource} beans
	 */
	public record Databases(Map<String, ?> databases) implements OperationResponseBody {

	}

	private enum Part {

		GENERATIONS {

			@Override
			List<?> of(ReplicaContents contents) {
				return Stream
					.concat(contents.generations().stream().map(DatabaseDescriptor.Generation::of),
							contents.damaged().stream().map(DatabaseDescriptor.Generation::of))
					.sorted(Comparator.comparing(DatabaseDescriptor.Generation::firstTxid))
					.toList();
			}

		},

		SNAPSHOTS {

			@Override
			List<?> of(ReplicaContents contents) {
				return contents.snapshots().stream().map(DatabaseDescriptor.Snapshot::of).toList();
			}

		};

		abstract List<?> of(ReplicaContents contents);

		static Optional<Part> of(String name) {
			return Arrays.stream(values())
				.filter((part) -> part.name().toLowerCase(Locale.ROOT).equals(name))
				.findFirst();
		}

	}

}
