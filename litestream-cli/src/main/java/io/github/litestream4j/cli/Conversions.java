package io.github.litestream4j.cli;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;

import io.github.litestream4j.ConfigurationException;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.ReplicaUrl;
import picocli.CommandLine.TypeConversionException;

/**
 * Reads what stands on the command line. Each failure says what to write.
 */
final class Conversions {

	private Conversions() {
	}

	static Txid txid(String text) {
		try {
			return Txid.parse(text);
		}
		catch (IllegalArgumentException ex) {
			throw new TypeConversionException("'" + text + "' is no TXID: write 16 hex digits, as 'ltx' lists them");
		}
	}

	static Instant instant(String text) {
		try {
			return OffsetDateTime.parse(text).toInstant();
		}
		catch (DateTimeException ex) {
			throw new TypeConversionException("'" + text
					+ "' is no time: write it with its zone, as 2026-11-23T20:15:00Z or 2026-11-23T21:15:00.250+01:00");
		}
	}

	static ReplicaUrl replica(String text) {
		try {
			return ReplicaUrl.parse(text);
		}
		catch (ConfigurationException ex) {
			throw new TypeConversionException(String.valueOf(ex.getMessage()));
		}
	}

}
