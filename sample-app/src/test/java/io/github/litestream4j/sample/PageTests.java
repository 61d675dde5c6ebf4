package io.github.litestream4j.sample;

import java.nio.file.Path;
import java.util.List;

import io.github.litestream4j.testsupport.S3Server;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The page in a browser: one application and one browser for all, the page opened anew
 * for each.
 */
@DisabledIfSystemProperty(named = "browser.skip", matches = "true")
class PageTests {

	private static final int WIDE = 1100;

	private static final int NARROW = 360;

	private static final int HIGH = 640;

	private static final String NEWEST = "#notes li:first-child span";

	@AutoClose
	private static S3Server server;

	@AutoClose
	private static RunningSample sample;

	@AutoClose
	private static Browser browser;

	@BeforeAll
	static void start(@TempDir Path machine, @TempDir Path elsewhere) {
		server = S3Server.in(elsewhere.resolve("s3")).start();
		sample = RunningSample.start(machine, elsewhere.resolve("sample.log"),
				RecoveryTests.s3(server, server.createBucket("notes")));
		browser = Browser.start(elsewhere.resolve("profile"));
	}

	@BeforeEach
	void open() {
		browser.become(WIDE, HIGH, "light");
		browser.open(sample.client().url("/"));
		browser.awaitText("#state", "running"::equals);
	}

	@Test
	void aNoteIsSeenAndThenItsTxidStored() {
		String before = browser.text("#txid");
		write("Water the plants");
		assertThat(browser.awaitText("#notes-message", "Added"::equals)).isNotEmpty();
		assertThat(browser.text(NEWEST)).isEqualTo("Water the plants");
		String captured = browser.awaitText("#txid", (txid) -> txid.compareTo(before) > 0);
		assertThat(captured).matches("[0-9a-f]{16}");
		browser.awaitText("#replicated-txid", (txid) -> txid.compareTo(captured) >= 0);
		browser.awaitText("#lag", "0 s, all is stored"::equals);
		assertThat(browser.text("#last-sync")).containsPattern("\\d:\\d\\d:\\d\\d");
		assertThat(browser.text("#replica")).isEqualTo("s3://notes/app");
		assertThat(browser.text("#failure")).isEmpty();
	}

	@Test
	void aStrangersHtmlIsText() {
		String text = "<b>Milk</b> <img src=x onerror=\"document.title='taken over'\">";
		write(text);
		browser.awaitText(NEWEST, text::equals);
		assertThat(browser.elements("#notes b, #notes img")).isEmpty();
		assertThat(browser.title()).isEqualTo("Notes");
		delete();
		browser.awaitText(NEWEST, (newest) -> !newest.equals(text));
	}

	@Test
	void theKeyboardIsEnough() {
		write("Call the bank");
		browser.awaitText(NEWEST, "Call the bank"::equals);
		write("Delete me");
		browser.awaitText(NEWEST, "Delete me"::equals);
		String count = browser.text("#count");
		delete();
		browser.awaitText("#count", (now) -> !now.equals(count));
		assertThat(browser.focused().getAccessibleName()).isEqualTo("Delete the note Call the bank");
	}

	@Test
	void whatTheApplicationRefusesIsSaid() {
		write(" ");
		assertThat(browser.awaitText("#notes-message", (message) -> !message.isEmpty()))
			.isEqualTo("POST notes answered 400: text must not be blank");
	}

	@Test
	void anApplicationThatDoesNotAnswerIsSaid() {
		browser.disconnect();
		try {
			browser.awaitText("#failure", "The application does not answer"::equals);
			browser.awaitText("#state", "unknown"::equals);
		}
		finally {
			browser.reconnect();
		}
		browser.awaitText("#state", "running"::equals);
		browser.awaitText("#failure", String::isEmpty);
	}

	@Test
	void aSnapshotIsTakenAndListed() {
		sample.client().add("Back up the photos");
		String txid = sample.client().awaitStored().get("txid").asString();
		int before = browser.elements("#snapshots tr").size();
		assertThat(before).isPositive();
		browser.element("#take-snapshot").click();
		assertThat(browser.awaitText("#snapshot-message", (message) -> message.contains(" taken,")))
			.startsWith("Snapshot of " + txid);
		assertThat(browser.elements("#snapshots tr")).hasSize(before + 1);
		assertThat(browser.text("#snapshots tr:first-child")).matches(txid + "\\s.*\\d:\\d.*\\s[\\d.]+ k?B");
		browser.element("#take-snapshot").click();
		browser.awaitText("#snapshot-message", ("The snapshot of " + txid + " holds everything already")::equals);
		assertThat(browser.elements("#snapshots tr")).hasSize(before + 1);
	}

	@Test
	void theGenerationIsListed() {
		sample.client().add("Read the minutes");
		String txid = sample.client().awaitStored().get("txid").asString();
		String generation = browser.awaitText("#generations li", (text) -> text.contains(txid));
		assertThat(generation).contains("current", "first-start", "0000000000000001");
		assertThat(generation).containsPattern("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
		assertThat(browser.elements("#generations li")).hasSize(1);
	}

	@Test
	void anOutageIsSeenAndItsEnd() {
		server.stop();
		try {
			write("Not stored yet");
			browser.awaitText("#lag", (lag) -> lag.matches("[1-9]\\d*\\.\\d s, [1-9]\\d* transactions?"));
			assertThat(browser.awaitText("#failure", (failure) -> !failure.isEmpty())).contains("upload",
					"s3://notes/app");
			browser.awaitText("#state", "failing"::equals);
			assertThat(browser.text("#txid")).isGreaterThan(browser.text("#replicated-txid"));
			takePicture("outage.png", WIDE, "light");
		}
		finally {
			server.start();
		}
		browser.awaitText("#lag", "0 s, all is stored"::equals);
		browser.awaitText("#state", "running"::equals);
		browser.awaitText("#failure", String::isEmpty);
	}

	@Test
	void everythingThatIsUsedHasAName() {
		sample.client().add("Say what it is");
		browser.open(sample.client().url("/"));
		browser.awaitText(NEWEST, "Say what it is"::equals);
		List<WebElement> used = browser.elements("input, button");
		assertThat(used).hasSizeGreaterThanOrEqualTo(4)
			.allSatisfy((element) -> assertThat(element.getAccessibleName()).isNotBlank());
		assertThat(browser.element("#text").getAccessibleName()).isEqualTo("New note");
	}

	@Test
	void itFitsAPhoneAndTheDark() {
		for (String note : List.of("Order seeds for the spring", "Mend the gate", "Ring Maria about Sunday")) {
			sample.client().add(note);
		}
		sample.client().awaitStored();
		browser.open(sample.client().url("/"));
		browser.element("#take-snapshot").click();
		browser.awaitText("#snapshot-message", (message) -> message.startsWith("Snapshot of "));
		browser.awaitText("#lag", "0 s, all is stored"::equals);
		takePicture("light.png", WIDE, "light");
		Object light = background();
		takePicture("dark.png", WIDE, "dark");
		assertThat(background()).isNotEqualTo(light);
		takePicture("phone.png", NARROW, "light");
		assertThat(browser.evaluate("""
				return [document.documentElement, ...document.querySelectorAll("section")]
					.filter((element) => element.scrollWidth > element.clientWidth)
					.map((element) => element.innerHTML)""")).isEqualTo(List.of());
	}

	/** Of the whole page, for people to look at: the README shows one. */
	private static void takePicture(String name, int width, String scheme) {
		browser.become(width, HIGH, scheme);
		Number height = (Number) browser.evaluate("return document.documentElement.scrollHeight");
		browser.become(width, height.intValue(), scheme);
		browser.takePicture(Path.of("target", "pictures", name));
	}

	private static Object background() {
		return browser.evaluate("return getComputedStyle(document.body).backgroundColor");
	}

	private static void write(String text) {
		browser.element("#text").sendKeys(text, Keys.ENTER);
	}

	/** Deletes the newest note as a keyboard does. */
	private static void delete() {
		browser.element("#notes li:first-child button").sendKeys(Keys.ENTER);
	}

}
