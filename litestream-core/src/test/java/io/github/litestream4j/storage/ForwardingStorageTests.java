package io.github.litestream4j.storage;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

class ForwardingStorageTests {

	/** What the interface makes of its other methods. */
	private static final Set<String> MADE_OF_OTHERS = Set.of("find(LtxKey)", "putIfAbsent(LtxKey,Content,Instant)");

	private static final StoredFile FILE = new StoredFile(key(1), 5, Instant.EPOCH);

	/** A value of each type that is passed on or given back. */
	private static final Map<Class<?>, Object> SAMPLES = Map.ofEntries(Map.entry(int.class, 3),
			Map.entry(long.class, 4L), Map.entry(boolean.class, true), Map.entry(String.class, "text"),
			Map.entry(byte[].class, new byte[6]), Map.entry(Instant.class, Instant.EPOCH),
			Map.entry(List.class, List.of("listed")), Map.entry(Collection.class, List.of(key(2))),
			Map.entry(Optional.class, Optional.of("found")), Map.entry(OptionalLong.class, OptionalLong.of(7)),
			Map.entry(InputStream.class, new ByteArrayInputStream(new byte[8])), Map.entry(LtxKey.class, key(1)),
			Map.entry(StoredFile.class, FILE), Map.entry(Content.class, Content.of(new byte[9])),
			Map.entry(FileAttributes.class, FileAttributes.at(Instant.EPOCH)),
			Map.entry(BodyWriter.class, (BodyWriter) (out) -> out.write(1)),
			Map.entry(LegacyFile.class, new LegacyFile("0123456789abcdef", LegacyFile.Kind.SNAPSHOT,
					"00000001.snapshot.lz4", 1, 0, 5, Instant.EPOCH)));

	static Stream<Method> methods() {
		return Arrays.stream(ReplicaStorage.class.getMethods())
			.filter((method) -> !Modifier.isStatic(method.getModifiers()))
			.filter((method) -> !MADE_OF_OTHERS.contains(signature(method)));
	}

	@ParameterizedTest
	@MethodSource("methods")
	void passesEachCallOnAsItIs(Method method) throws Exception {
		List<Object> calls = new ArrayList<>();
		ReplicaStorage other = (ReplicaStorage) Proxy.newProxyInstance(getClass().getClassLoader(),
				new Class<?>[] { ReplicaStorage.class }, (proxy, call, arguments) -> {
					calls.add(signature(call));
					calls.addAll((arguments != null) ? List.of(arguments) : List.of());
					return SAMPLES.get(call.getReturnType());
				});
		Object[] arguments = Arrays.stream(method.getParameterTypes()).map(SAMPLES::get).toArray();
		Object result = method.invoke(new ForwardingStorage(other) {
		}, arguments);
		assertThat(calls).first().isEqualTo(signature(method));
		assertThat(calls.subList(1, calls.size())).containsExactly(arguments);
		assertThat(result).isEqualTo(SAMPLES.get(method.getReturnType()));
	}

	@Test
	void findsInItsOwnListing(@TempDir Path folder) {
		ReplicaStorage storage = new ForwardingStorage(new FileReplicaStorage(folder)) {

			@Override
			public List<StoredFile> list(int level) {
				return List.of(FILE);
			}

		};
		assertThat(storage.find(key(1))).hasValue(FILE);
		assertThat(storage.find(key(2))).isEmpty();
	}

	private static String signature(Method method) {
		return Arrays.stream(method.getParameterTypes())
			.map(Class::getSimpleName)
			.collect(Collectors.joining(",", method.getName() + "(", ")"));
	}

	private static LtxKey key(long txid) {
		return new LtxKey(0, LtxFileName.of(new Txid(txid)));
	}

}
