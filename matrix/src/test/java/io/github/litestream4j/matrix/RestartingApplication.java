package io.github.litestream4j.matrix;

import java.util.List;

import javax.sql.DataSource;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * An application in a JVM of its own, where DevTools restarts it.
 */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import(RestartingApplication.ItemsController.class)
public class RestartingApplication {

	public static void main(String[] args) {
		SpringApplication.run(RestartingApplication.class, args);
	}

	@RestController
	static class ItemsController {

		private final Items items;

		private final String started = Long.toString(System.nanoTime());

		ItemsController(DataSource dataSource) {
			this.items = Items.in(dataSource);
		}

		@PostMapping("/items")
		void add(@RequestParam String text) {
			this.items.write(text);
		}

		@GetMapping("/items")
		List<String> items() {
			return this.items.read();
		}

		/** Differs after a restart. */
		@GetMapping("/started")
		String started() {
			return this.started;
		}

		/** The class loader of what DevTools restarts. */
		@GetMapping("/loader")
		String loader() {
			return getClass().getClassLoader().getClass().getSimpleName();
		}

	}

}
