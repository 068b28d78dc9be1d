"""Open the store of a lake's address: `gs://bucket/folder` or `s3://bucket/folder`."""

from transforms.cloud.bucket_store import BucketStore
from transforms.errors import LakeError

SCHEMES = ("gs://", "s3://")


def open_bucket_store(lake: str) -> BucketStore:
    """Return the store of a lake in a bucket.

    Raise LakeError where the address is malformed, or the client library is not installed.
    """
    scheme, _, rest = lake.partition("://")
    name, _, folder = rest.partition("/")
    # Characters of a query or a glob: more likely a mistake than part of a folder's name.
    if f"{scheme}://" not in SCHEMES or not name or any(c in rest for c in "?#*\\"):
        raise LakeError(
            f"{lake}: write gs://BUCKET/FOLDER or s3://BUCKET/FOLDER", reason="E_LAKE_ADDRESS"
        )
    prefix = "".join(f"{part}/" for part in folder.split("/") if part)
    return _on_s3(name, prefix) if scheme == "s3" else _on_gcs(name, prefix)


def _on_s3(name: str, prefix: str) -> BucketStore:
    try:
        from transforms.cloud.s3 import s3_bucket
    except ImportError as error:
        raise _missing_library(f"s3://{name}", "aws", error) from error
    return BucketStore(s3_bucket(name, prefix))


def _on_gcs(name: str, prefix: str) -> BucketStore:
    try:
        from transforms.cloud.gcs import emulator_host, gcs_bucket
    except ImportError as error:
        raise _missing_library(f"gs://{name}", "gcp", error) from error
    return BucketStore(gcs_bucket(name, prefix), emulator=emulator_host() is not None)


def _missing_library(address: str, extra: str, error: ImportError) -> LakeError:
    return LakeError(
        f"{address} needs a library that is not installed ({error}); pip install "
        f"'newsbeam[{extra}]'",
        reason="E_LAKE_ADDRESS",
    )
