package io.github.litestream4j.replication;

import java.util.concurrent.atomic.AtomicBoolean;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class AnnouncementsTests {

	@Test
	void whatIsNotCapturedHasAnAgeAtEachMoment() throws Exception {
		Announcements announcements = new Announcements();
		announcements.add();
		AtomicBoolean done = new AtomicBoolean();
		Thread capturing = new Thread(() -> {
			while (!done.get()) {
				announcements.taken(announcements.take(), false);
			}
		});
		capturing.start();
		long ageless = 0;
		for (int i = 0; i < 1_000_000; i++) {
			ageless += (announcements.age(System.nanoTime()) == 0) ? 1 : 0;
		}
		done.set(true);
		capturing.join();
		assertThat(ageless).isZero();
	}

}
