package io.github.litestream4j.database;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A connection that refuses some statements, as when the disk fails under SQLite.
 */
final class UnwillingConnection {

	private UnwillingConnection() {
	}

	/**
	 * Refuse a statement.
	 * @param connection the connection
	 * @param sql the statement
	 * @param times how often it is still refused, counted down
	 */
	static Connection refusing(Connection connection, String sql, AtomicInteger times) {
		return proxy(Connection.class, (method, arguments) -> {
			Object result = invoke(connection, method, arguments);
			return (result instanceof Statement statement) ? refusing(statement, sql, times) : result;
		});
	}

	private static Statement refusing(Statement statement, String sql, AtomicInteger times) {
		return proxy(Statement.class, (method, arguments) -> {
			if (arguments != null && arguments[0].equals(sql)
					&& times.getAndUpdate((left) -> Math.max(left - 1, 0)) > 0) {
				throw new SQLException("disk I/O error on demand");
			}
			return invoke(statement, method, arguments);
		});
	}

	private static Object invoke(Object target, Method method, Object[] arguments) throws Throwable {
		try {
			return method.invoke(target, arguments);
		}
		catch (InvocationTargetException ex) {
			throw ex.getCause();
		}
	}

	private static <T> T proxy(Class<T> type, Call call) {
		return type.cast(Proxy.newProxyInstance(UnwillingConnection.class.getClassLoader(), new Class<?>[] { type },
				(proxy, method, arguments) -> call.of(method, arguments)));
	}

	@FunctionalInterface
	private interface Call {

		Object of(Method method, Object[] arguments) throws Throwable;

	}

}
