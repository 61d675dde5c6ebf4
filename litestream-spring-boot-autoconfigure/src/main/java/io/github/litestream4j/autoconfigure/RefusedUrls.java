package io.github.litestream4j.autoconfigure;

import java.util.Locale;

import io.github.litestream4j.ConfigurationException;
import io.github.litestream4j.storage.ReplicaUrl;

import org.springframework.boot.actuate.endpoint.SanitizableData;

/**
 * Finds the URLs of replicas that would be refused, which may hold a name, a password or
 * a key.
 */
final class RefusedUrls {

	private RefusedUrls() {
	}

	static boolean isOne(SanitizableData data) {
		// the environment's variables have neither dots nor hyphens
		String key = data.getKey().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
		if (!key.startsWith("litestream") || !key.endsWith("replicaurl") || data.getValue() == null) {
			return false;
		}
		try {
			ReplicaUrl.parse(data.getValue().toString());
			return false;
		}
		catch (ConfigurationException ex) {
			return true;
		}
	}

}
