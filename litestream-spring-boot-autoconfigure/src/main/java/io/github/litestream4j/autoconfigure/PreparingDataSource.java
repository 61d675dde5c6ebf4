package io.github.litestream4j.autoconfigure;

import java.lang.reflect.Modifier;
import java.sql.Connection;
import java.sql.SQLException;

import javax.sql.DataSource;

import io.github.litestream4j.jdbc.ConnectionPreparation;
import org.aopalliance.intercept.MethodInterceptor;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.framework.ProxyFactory;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.util.ReflectionUtils;

/**
 * Stands around a {@code DataSource} whose physical connections cannot be prepared when
 * they are opened, and prepares each when it is first borrowed.
 */
final class PreparingDataSource extends DelegatingDataSource {

	private final ReplicatedDatabase database;

	PreparingDataSource(DataSource target, ReplicatedDatabase database) {
		super(target);
		this.database = database;
	}

	/**
	 * Stand around a bean. Where its definition promises more than a {@code DataSource},
	 * it keeps its class, for other beans may ask for that.
	 * @param target the bean
	 * @param database the database that it is on
	 * @param declared the type that its definition names, or {@code null}
	 * @return what takes the bean's place
	 */
	static DataSource around(DataSource target, ReplicatedDatabase database, @Nullable Class<?> declared) {
		if (declared == null || declared.isAssignableFrom(PreparingDataSource.class)
				|| Modifier.isFinal(target.getClass().getModifiers())) {
			return new PreparingDataSource(target, database);
		}
		ProxyFactory proxy = new ProxyFactory(target);
		proxy.setProxyTargetClass(true);
		proxy.addAdvice((MethodInterceptor) (invocation) -> {
			Object result = invocation.proceed();
			return (result instanceof Connection connection && invocation.getMethod().getName().equals("getConnection"))
					? prepared(connection, database) : result;
		});
		DataSource prepared = (DataSource) proxy.getProxy(target.getClass().getClassLoader());
		// what asks the class rather than a method, such as Boot's metrics of a pool,
		// reads its fields
		ReflectionUtils.shallowCopyFieldState(target, prepared);
		return prepared;
	}

	@Override
	public Connection getConnection() throws SQLException {
		return prepared(super.getConnection(), this.database);
	}

	@Override
	public Connection getConnection(String username, String password) throws SQLException {
		return prepared(super.getConnection(username, password), this.database);
	}

	private static Connection prepared(Connection connection, ReplicatedDatabase database) throws SQLException {
		try {
			database.prepare(connection);
			return connection;
		}
		catch (SQLException | RuntimeException ex) {
			ConnectionPreparation.giveUp(connection, ex);
			throw ex;
		}
	}

}
