package io.github.litestream4j.sample;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/**
 * Starts the application. Nothing in it is about replication: the starter and one
 * property do that, and its page shows what the actuator says.
 */
@SpringBootApplication(proxyBeanMethods = false)
public class SampleApplication {

	public static void main(String[] args) {
		SpringApplication application = new SpringApplication(SampleApplication.class);
		application.addListeners(new DataFolder());
		application.run(args);
	}

}
