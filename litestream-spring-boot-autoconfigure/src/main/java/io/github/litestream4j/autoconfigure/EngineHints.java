package io.github.litestream4j.autoconfigure;

import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.aot.hint.TypeHint;
import org.springframework.aot.hint.TypeReference;

/**
 * What a native image has to keep for the engine. LZ4's codecs are looked up by names
 * that are put together at run time, and their native library is a resource. SQLite's
 * driver brings the like for itself.
 */
final class EngineHints implements RuntimeHintsRegistrar {

	/** The native ones, and those in Java that take over where no library loads. */
	private static final List<String> KINDS = List.of("JNI", "JavaUnsafe", "JavaSafe");

	@Override
	public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
		for (String kind : KINDS) {
			register(hints, "LZ4" + kind + "Compressor");
			register(hints, "LZ4HC" + kind + "Compressor");
			register(hints, "LZ4" + kind + "FastDecompressor");
			register(hints, "LZ4" + kind + "SafeDecompressor");
		}
		// what the native code throws
		hints.jni().registerType(OutOfMemoryError.class);
		hints.resources().registerPattern("net/jpountz/util/*/*/liblz4-java.*");
	}

	/**
	 * Each has its only instance in a field, and those with a level are made anew.
	 */
	private static void register(RuntimeHints hints, String name) {
		hints.reflection().registerType(TypeReference.of("net.jpountz.lz4." + name), EngineHints::accessInstances);
	}

	private static void accessInstances(TypeHint.Builder type) {
		type.withMembers(MemberCategory.ACCESS_PUBLIC_FIELDS, MemberCategory.INVOKE_DECLARED_CONSTRUCTORS);
	}

}
