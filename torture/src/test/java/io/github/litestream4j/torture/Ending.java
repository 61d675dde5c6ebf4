package io.github.litestream4j.torture;

/**
 * How an application's life ends.
 */
enum Ending {

	/** Killed at work. */
	KILL,

	/** All is stored, then it is killed. */
	QUIET_KILL,

	/** All is stored, then it stops. */
	QUIET_STOP,

	/** Stops at work, with little or much time for the last sync. */
	STOP;

	boolean isQuiet() {
		return this == QUIET_KILL || this == QUIET_STOP;
	}

	boolean isKill() {
		return this == KILL || this == QUIET_KILL;
	}

}
