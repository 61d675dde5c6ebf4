package io.github.litestream4j.torture;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * What shall happen in one round, drawn before it begins.
 *
 * @param seed of what is random within the round
 * @param away what happens before the application starts
 * @param faults what happens to its requests
 * @param probability to how many of them
 * @param faultsAtStart whether that begins before the application does
 * @param failures how many calls to a folder fail, in percent
 * @param slowPuts how long 64 KiB of a snapshot take in a folder, in ms
 * @param syncMillis the sync interval
 * @param checkpointPages from how many frames on there is a checkpoint
 * @param checkpointMillis after what time there is one
 * @param threads how many threads write
 * @param reader whether one reads for long
 * @param foreign whether another process joins in
 * @param lifeMillis how long it lives
 * @param ending how it ends
 * @param stopMillis how long a stop may take
 * @param shortHistory whether files are merged and deleted within seconds
 */
record RoundPlan(long seed, Away away, List<FaultKind> faults, double probability, boolean faultsAtStart, int failures,
		int slowPuts, int syncMillis, int checkpointPages, int checkpointMillis, int threads, boolean reader,
		boolean foreign, int lifeMillis, Ending ending, int stopMillis, boolean shortHistory) {

	private static final FaultKind[] KINDS = FaultKind.values();

	/**
	 * Draw a plan.
	 * @param random by what
	 * @param first whether there is no database yet to lose
	 * @param mustHeal whether all must be stored before anything else may be lost
	 */
	static RoundPlan draw(Random random, boolean first, boolean mustHeal) {
		Away away = (first || mustHeal) ? Away.NOTHING : away(random.nextInt(100));
		boolean heal = away == Away.LOST_FILE || away == Away.OLDER_DATABASE;
		boolean faulty = random.nextInt(100) < 95;
		List<FaultKind> faults = new ArrayList<>();
		for (int i = random.nextInt(3); faulty && i >= 0; i--) {
			faults.add(KINDS[random.nextInt(KINDS.length)]);
		}
		// There are few listings but at the start
		boolean faultsAtStart = faults.contains(FaultKind.LISTING_ERROR) || faults.contains(FaultKind.STALE_LISTING)
				|| random.nextInt(3) == 0;
		Ending ending = ending(random.nextInt(100));
		// What a checkpoint does to a snapshot can be seen only where one takes a while
		boolean slow = (first || away.needsSnapshot()) && random.nextInt(5) > 0;
		if (heal || mustHeal || (slow && random.nextInt(4) > 0)) {
			ending = (random.nextInt(4) == 0) ? Ending.QUIET_STOP : Ending.QUIET_KILL;
		}
		int life = slow ? 1200 + random.nextInt(1300) : 80 + random.nextInt((random.nextInt(8) == 0) ? 1800 : 400);
		// A snapshot on the interval would hide what such a round is there to show
		boolean shortHistory = !heal && !mustHeal && random.nextInt(3) == 0;
		if (shortHistory && random.nextBoolean()) {
			// Long enough for several merges of each level
			life += random.nextInt(4000);
		}
		return new RoundPlan(random.nextLong(), away, List.copyOf(faults), 0.3 + random.nextDouble() * 0.5,
				faultsAtStart, faulty ? 2 + random.nextInt(30) : 0, slow ? 40 + random.nextInt(60) : 0,
				random.nextInt(3) * random.nextInt(51), 1 + random.nextInt((random.nextInt(3) == 0) ? 400 : 40),
				100 + random.nextInt(2000), 1 + random.nextInt(4), random.nextInt(4) == 0, random.nextInt(3) == 0, life,
				ending, random.nextBoolean() ? 5000 : random.nextInt(200), shortHistory);
	}

	/** Nothing happens. */
	static RoundPlan training() {
		return new RoundPlan(0, Away.NOTHING, List.of(), 0, false, 0, 0, 10, 20, 500, 2, true, false, 300,
				Ending.QUIET_STOP, 5000, true);
	}

	private static Away away(int of100) {
		Away[] rare = { Away.OPENED, Away.WRITTEN, Away.WRITTEN_AND_HELD, Away.CHECKPOINTED, Away.LOST_STAGING,
				Away.LOST_STAGING, Away.LOST_STAGING, Away.LOST_DATABASE, Away.LOST_MACHINE, Away.LOST_FILE,
				Away.LOST_FILE, Away.LOST_FILE, Away.LOST_FILE, Away.OLDER_DATABASE };
		return (of100 < 30) ? Away.NOTHING : rare[(of100 - 30) / 5];
	}

	private static Ending ending(int of100) {
		if (of100 < 55) {
			return Ending.KILL;
		}
		if (of100 < 80) {
			return Ending.QUIET_KILL;
		}
		return (of100 < 90) ? Ending.QUIET_STOP : Ending.STOP;
	}

	boolean isFaulty() {
		return this.failures > 0;
	}

}
