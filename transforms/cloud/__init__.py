"""Lakes in buckets: the port of `transforms.core.lake.log.store` on Google Cloud Storage and on
S3.

In the order in which to read them: `bucket` (the operations of a bucket, and retries), `gcs` and
`s3` (the providers), `object_file` (random access), `lease` (the writers' lock),
`client_checked_bucket` (emulators), `bucket_store` (the lake's store, and why it is safe),
`bucket_addresses`.
"""
