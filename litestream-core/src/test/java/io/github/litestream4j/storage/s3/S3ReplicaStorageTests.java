package io.github.litestream4j.storage.s3;

import java.net.URI;

import io.github.litestream4j.testsupport.S3Server;

class S3ReplicaStorageTests extends AbstractS3ReplicaStorageTests {

	@Override
	protected URI endpoint() {
		return S3Server.shared().endpoint();
	}

}
