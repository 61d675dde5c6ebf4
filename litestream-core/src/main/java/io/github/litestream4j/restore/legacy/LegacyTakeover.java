package io.github.litestream4j.restore.legacy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;

/**
 * That a database which was restored from Litestream 0.3's files goes on in LTX files of
 * the same replica. It is stored in {@code meta/litestream-0.3/} before the first of
 * those, and counts as soon as a snapshot stands after its TXID. The files' times alone
 * could not tell which are the newer ones: a copy of a bucket has lost them, clocks
 * differ, and a file of level 0 may come long before the snapshot that makes it of use.
 *
 * @param after the newest TXID that the replica had then; 0 when it had none
 * @param ends the last file of each generation
 */
public record LegacyTakeover(Txid after, SortedMap<String, String> ends) {

	private static final String FOLDER = "litestream-0.3";

	/**
	 * What it would be at this moment.
	 * @param replica what the replica holds of Litestream 0.3
	 * @param newest the newest TXID in its LTX files, 0 when there is none
	 * @return the takeover, not stored yet
	 */
	public static LegacyTakeover of(LegacyReplica replica, Txid newest) {
		return new LegacyTakeover(newest, replica.ends());
	}

	/**
	 * Note that a database which is there already begins its history in LTX files, in a
	 * replica that has none yet: it is what Litestream 0.3 has stored, and more. Costs
	 * one listing where there is nothing of Litestream 0.3.
	 * @param storage the replica
	 */
	public static void storeAtFirstStart(ReplicaStorage storage) {
		Optional<LegacyReplica> replica = LegacyReplica.of(storage);
		if (replica.isPresent()
				&& IntStream.rangeClosed(0, LtxKey.SNAPSHOT_LEVEL).allMatch((level) -> storage.list(level).isEmpty())) {
			of(replica.get(), Txid.ZERO).store(storage);
		}
	}

	/**
	 * Those that are stored.
	 * @param storage the replica
	 * @return all of them
	 * @throws CorruptDataException when one is damaged
	 */
	public static List<LegacyTakeover> all(ReplicaStorage storage) {
		List<LegacyTakeover> all = new ArrayList<>();
		for (String name : storage.listMeta(FOLDER)) {
			String path = FOLDER + "/" + name;
			storage.readMeta(path).ifPresent((content) -> all.add(decode(path, content, storage.url())));
		}
		return all;
	}

	private static LegacyTakeover decode(String path, byte[] content, String url) {
		List<String> lines = new String(content, StandardCharsets.US_ASCII).lines().toList();
		try {
			Txid after = Txid.parse(lines.get(0));
			SortedMap<String, String> ends = new TreeMap<>();
			for (String line : lines.subList(1, lines.size())) {
				int space = line.indexOf(' ');
				ends.put(line.substring(0, space), line.substring(space + 1));
			}
			LegacyTakeover takeover = new LegacyTakeover(after, ends);
			if (takeover.path().equals(path)) {
				return takeover;
			}
			throw new IllegalArgumentException("its checksum differs");
		}
		catch (IllegalArgumentException | IndexOutOfBoundsException ex) {
			throw new CorruptDataException(
					"meta/%s in %s is damaged (%s): it says which files of Litestream 0.3 were taken over. Remove it, and the times of the files decide; or name a TXID to restore."
						.formatted(path, url, ex.getMessage()),
					ex);
		}
	}

	/**
	 * Store it.
	 * @param storage the replica
	 */
	public void store(ReplicaStorage storage) {
		storage.putMetaIfAbsent(path(), encode());
	}

	private byte[] encode() {
		StringBuilder text = new StringBuilder().append(this.after).append('\n');
		for (Map.Entry<String, String> end : this.ends.entrySet()) {
			text.append(end.getKey()).append(' ').append(end.getValue()).append('\n');
		}
		return text.toString().getBytes(StandardCharsets.US_ASCII);
	}

	private String path() {
		CRC32C checksum = new CRC32C();
		checksum.update(encode());
		return "%s/%s-%08x".formatted(FOLDER, this.after, checksum.getValue());
	}

	/**
	 * Whether a replica holds nothing of Litestream 0.3 that was not there then.
	 * @param replica the replica
	 * @return {@code false} when Litestream 0.3 has written there since
	 */
	public boolean covers(LegacyReplica replica) {
		return this.ends.entrySet().containsAll(replica.ends().entrySet());
	}

}
