package io.github.litestream4j.sample;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

import org.awaitility.Awaitility;
import org.openqa.selenium.By;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;

/**
 * A headless Chromium: Debian's where it is installed, else the one that Selenium finds.
 */
final class Browser implements AutoCloseable {

	private static final Path CHROMIUM = Path.of("/usr/bin/chromium");

	private static final Path DRIVER = Path.of("/usr/bin/chromedriver");

	private static final Duration PATIENCE = Duration.ofSeconds(30);

	private final ChromeDriver driver;

	private Browser(ChromeDriver driver) {
		this.driver = driver;
	}

	/**
	 * Start one.
	 * @param profile a new folder for what it keeps
	 * @return the browser
	 */
	static Browser start(Path profile) {
		ChromeOptions options = new ChromeOptions();
		options.addArguments("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
				"--disable-background-networking", "--disable-component-update", "--disable-sync", "--lang=en-US",
				"--user-data-dir=" + profile);
		ChromeDriverService.Builder service = new ChromeDriverService.Builder();
		if (Files.isExecutable(CHROMIUM) && Files.isExecutable(DRIVER)) {
			options.setBinary(CHROMIUM.toFile());
			service.usingDriverExecutable(DRIVER.toFile());
		}
		return new Browser(new ChromeDriver(service.build(), options));
	}

	void open(String url) {
		this.driver.get(url);
	}

	String title() {
		return this.driver.getTitle();
	}

	WebElement element(String selector) {
		return this.driver.findElement(By.cssSelector(selector));
	}

	List<WebElement> elements(String selector) {
		return this.driver.findElements(By.cssSelector(selector));
	}

	WebElement focused() {
		return this.driver.switchTo().activeElement();
	}

	/** The text of the element, or of the first of several. */
	String text(String selector) {
		return (String) evaluate("return document.querySelector(arguments[0])?.innerText ?? ''", selector);
	}

	/** Wait until the text is as it has to be, and return it. */
	String awaitText(String selector, Predicate<String> expected) {
		return Awaitility.await(selector)
			.atMost(PATIENCE)
			.pollDelay(Duration.ZERO)
			.pollInterval(Duration.ofMillis(50))
			.until(() -> text(selector), expected);
	}

	Object evaluate(String script, Object... arguments) {
		return this.driver.executeScript(script, arguments);
	}

	/**
	 * Show the page as another device does.
	 * @param width in CSS pixels
	 * @param height in CSS pixels
	 * @param scheme {@code light} or {@code dark}
	 */
	void become(int width, int height, String scheme) {
		this.driver.executeCdpCommand("Emulation.setDeviceMetricsOverride",
				Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 600));
		this.driver.executeCdpCommand("Emulation.setEmulatedMedia",
				Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
	}

	/** Lose the connection to the application. */
	void disconnect() {
		connect(false);
	}

	void reconnect() {
		connect(true);
	}

	private void connect(boolean online) {
		this.driver.executeCdpCommand("Network.enable", Map.of());
		this.driver.executeCdpCommand("Network.emulateNetworkConditions",
				Map.of("offline", !online, "latency", 0, "downloadThroughput", -1, "uploadThroughput", -1));
	}

	void takePicture(Path file) {
		try {
			Files.createDirectories(file.getParent());
			Files.write(file, this.driver.getScreenshotAs(OutputType.BYTES));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Override
	public void close() {
		this.driver.quit();
	}

}
