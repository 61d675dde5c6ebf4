package io.github.litestream4j.storage.s3;

import java.io.IOException;
import java.io.InputStream;

import io.github.litestream4j.storage.ExactInputStream;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/**
 * The bytes of an object. Closed before its end, it gives its connection up instead of
 * reading the rest of the object to nowhere.
 */
final class S3ObjectStream extends InputStream {

	private final ResponseInputStream<GetObjectResponse> response;

	private final ExactInputStream in;

	private final String url;

	S3ObjectStream(ResponseInputStream<GetObjectResponse> response, long length, String url) {
		this.response = response;
		this.in = new ExactInputStream(response, length, url);
		this.url = url;
	}

	@Override
	public int read() throws IOException {
		try {
			return this.in.read();
		}
		catch (RuntimeException ex) {
			throw S3Failures.translate("read", this.url, ex);
		}
	}

	@Override
	public int read(byte[] buffer, int offset, int count) throws IOException {
		try {
			return this.in.read(buffer, offset, count);
		}
		catch (RuntimeException ex) {
			throw S3Failures.translate("read", this.url, ex);
		}
	}

	@Override
	public void close() throws IOException {
		if (this.in.isExhausted()) {
			this.in.close();
		}
		else {
			this.response.abort();
		}
	}

}
