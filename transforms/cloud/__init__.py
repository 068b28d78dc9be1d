"""Lakes in buckets: the port of `transforms.core.lake.log.store` on Google Cloud Storage and on
S3."""
