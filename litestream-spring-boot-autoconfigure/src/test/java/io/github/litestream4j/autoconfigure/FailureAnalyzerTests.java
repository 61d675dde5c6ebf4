package io.github.litestream4j.autoconfigure;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import io.github.litestream4j.ConfigurationException;
import io.github.litestream4j.ConflictException;
import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.MissingFileException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.UnreachablePointException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.beans.factory.BeanCreationException;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.core.annotation.AnnotationAwareOrderComparator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchException;

/**
 * Tests for {@link LitestreamFailureAnalyzer} and {@link UnknownPropertyFailureAnalyzer}.
 */
class FailureAnalyzerTests {

	static Stream<Arguments> actions() {
		return Stream.of(Arguments.of(new ConfigurationException("what"), "Change the setting"),
				Arguments.of(new StorageUnavailableException("what"), "Make the replica reachable"),
				Arguments.of(new UnreachablePointException("what"), "to a point that can be reached"),
				Arguments.of(new CorruptDataException("what"), "do what the description says"),
				Arguments.of(new MissingFileException("what"), "Keep the replica as it is"),
				Arguments.of(new ConflictException("what"), "Find the other writer"),
				Arguments.of(new LitestreamException("what"), "litestream.enabled=false"));
	}

	@ParameterizedTest
	@MethodSource("actions")
	void saysWhatToDo(LitestreamException failure, String action) {
		FailureAnalysis analysis = new LitestreamFailureAnalyzer()
			.analyze(new BeanCreationException("bean", new IllegalStateException(failure)));
		assertThat(analysis.getDescription()).isEqualTo("what");
		assertThat(analysis.getAction()).contains(action);
		assertThat(analysis.getCause()).isSameAs(failure);
	}

	@Test
	void isAskedBeforeThoseOfSpringBootWhoeverComesFirstOnTheClassPath() {
		FailureAnalyzer other = (failure) -> null;
		List<FailureAnalyzer> analyzers = new ArrayList<>(List.of(other, new LitestreamFailureAnalyzer(), other));
		AnnotationAwareOrderComparator.sort(analyzers);
		assertThat(analyzers.get(0)).isInstanceOf(LitestreamFailureAnalyzer.class);
	}

	@Test
	void leavesUnknownKeysOfOthersAlone() {
		MapConfigurationPropertySource source = new MapConfigurationPropertySource();
		source.put("other.key", "1");
		Exception failure = catchException(() -> new Binder(source).bind("other", Bindable.of(Other.class),
				new NoUnboundElementsBindHandler(BindHandler.DEFAULT, (each) -> true)));
		assertThat(failure).hasStackTraceContaining("other.key");
		assertThat(new UnknownPropertyFailureAnalyzer().analyze(failure)).isNull();
	}

	record Other(String name) {

	}

}
