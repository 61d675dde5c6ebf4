package io.github.litestream4j.benchmarks;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.Set;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.stream.Collectors;

import javax.management.NotificationEmitter;
import javax.management.openmbean.CompositeData;

import com.sun.management.GarbageCollectionNotificationInfo;

/**
 * The most of the heap that was in use after any garbage collection: what is lower than
 * the limit could have been the limit. Begins when it is made.
 */
final class HeapWatch {

	private final LongAccumulator most = new LongAccumulator(Math::max, 0);

	HeapWatch() {
		Set<String> heap = ManagementFactory.getMemoryPoolMXBeans()
			.stream()
			.filter((pool) -> pool.getType() == MemoryType.HEAP)
			.map(MemoryPoolMXBean::getName)
			.collect(Collectors.toSet());
		for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
			((NotificationEmitter) collector).addNotificationListener((notification, handback) -> {
				GarbageCollectionNotificationInfo info = GarbageCollectionNotificationInfo
					.from((CompositeData) notification.getUserData());
				this.most.accumulate(info.getGcInfo()
					.getMemoryUsageAfterGc()
					.entrySet()
					.stream()
					.filter((pool) -> heap.contains(pool.getKey()))
					.mapToLong((pool) -> pool.getValue().getUsed())
					.sum());
			}, (notification) -> GarbageCollectionNotificationInfo.GARBAGE_COLLECTION_NOTIFICATION
				.equals(notification.getType()), null);
		}
	}

	/**
	 * The most so far.
	 * @return in bytes
	 */
	long most() {
		System.gc();
		return Math.max(this.most.get(), Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
	}

}
