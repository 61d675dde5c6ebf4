package io.github.litestream4j.storage.s3;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

import io.github.litestream4j.storage.Content;
import io.github.litestream4j.storage.ExactInputStream;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.ContentStreamProvider;

import org.jspecify.annotations.Nullable;

/**
 * A content as the body of a request, opened anew for its signature and for each try.
 */
final class RepeatableBody implements ContentStreamProvider, AutoCloseable {

	static final String TYPE = "application/octet-stream";

	private final Content content;

	private final String name;

	private @Nullable InputStream current;

	RepeatableBody(Content content, String name) {
		this.content = content;
		this.name = name;
	}

	RequestBody request() {
		return RequestBody.fromContentProvider(this, this.content.length(), TYPE);
	}

	@Override
	public synchronized InputStream newStream() {
		close();
		try {
			InputStream opened = new ExactInputStream(this.content.open(), this.content.length(), this.name);
			this.current = opened;
			return opened;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Close what was opened last: the SDK leaves that to us.
	 */
	@Override
	public synchronized void close() {
		InputStream opened = this.current;
		this.current = null;
		if (opened != null) {
			try {
				opened.close();
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}
	}

}
