"""Reading, writing and removing the objects of an export in S3, in bounded memory."""

from __future__ import annotations

import contextlib
import io
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from stir.errors import StirError
from stir.object_store import list_objects, remove_objects

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Chunks = Iterator[bytes]

CHUNK = 1 << 20
"""Bytes held per stream."""
ATTEMPTS = 5
"""How often a broken read is resumed without any progress before it fails."""


def read_whole(s3: S3Client, bucket: str, key: str) -> bytes:
    """A small object.

    Raises:
        StirError: it does not exist.
    """
    from botocore.exceptions import ClientError

    try:
        return s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    except ClientError as error:
        raise _unreadable(bucket, key, error) from error


def size_of(s3: S3Client, bucket: str, key: str) -> int:
    """Bytes of an object.

    Raises:
        StirError: it does not exist.
    """
    from botocore.exceptions import ClientError

    try:
        return s3.head_object(Bucket=bucket, Key=key)["ContentLength"]
    except ClientError as error:
        raise _unreadable(bucket, key, error) from error


def stream_rows(s3: S3Client, bucket: str, key: str, size: int) -> Chunks:
    """The decompressed content of an object of `size` bytes, in chunks of a mebibyte.

    Raises:
        StirError: the object is missing, has another size, is damaged or cannot be read to its end.
    """
    from backports import zstd

    try:
        with zstd.ZstdFile(_Source(stream(s3, bucket, key, size))) as rows:
            while chunk := rows.read(CHUNK):
                yield chunk
    except (zstd.ZstdError, EOFError) as error:
        raise _unreadable(bucket, key, error) from error


class _Source(io.RawIOBase):
    """An iterator of chunks as something that can be read from."""

    def __init__(self, chunks: Chunks) -> None:
        self._chunks, self._rest = chunks, b""

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes, fewer at the end of a chunk, none at the end."""
        if not self._rest:
            self._rest = next(self._chunks, b"")
        piece, self._rest = (self._rest, b"") if size < 0 else (self._rest[:size], self._rest[size:])
        return piece


def stream(s3: S3Client, bucket: str, key: str, size: int) -> Chunks:
    """The `size` bytes of an object. After a broken connection the read is resumed at its position.

    Raises:
        StirError: the object is missing, has another size, or cannot be read to its end.
    """
    from botocore.exceptions import BotoCoreError, ClientError
    from urllib3.exceptions import HTTPError

    if (found := size_of(s3, bucket, key)) != size:
        raise StirError(
            f"an exported object has {found:,} bytes, but the export wrote {size:,}",
            where=f"s3://{bucket}/{key}",
            do="publish again; readers keep what they have",
        )
    position = failures = 0
    while position < size:
        try:
            body = s3.get_object(Bucket=bucket, Key=key, Range=f"bytes={position}-{size - 1}")["Body"]
            while chunk := body.read(CHUNK):
                position += len(chunk)
                failures = 0
                yield chunk
            broke: Exception = EOFError(f"ended after {position:,} of {size:,} bytes")
        except (BotoCoreError, ClientError, HTTPError, OSError) as error:
            broke = error
        if position < size:
            failures += 1
            if failures >= ATTEMPTS:
                raise _unreadable(bucket, key, broke) from broke
            time.sleep(0.1 * 2**failures)


def write(s3: S3Client, bucket: str, key: str, content: bytes) -> None:
    """Write a small object."""
    s3.put_object(Bucket=bucket, Key=key, Body=content)


def remove_all(s3: S3Client, bucket: str, prefix: str) -> int:
    """Remove every object under a prefix, and uploads that were never finished; returns how many objects there were.

    Raises:
        StirError: some could not be removed; all others are.
    """
    from botocore.exceptions import ClientError

    # Listing uploads is a right of its own, and a store that has never seen an upload may answer with an error.
    with contextlib.suppress(ClientError):
        for upload in s3.list_multipart_uploads(Bucket=bucket, Prefix=prefix).get("Uploads", []):
            s3.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
    keys = [item.key for item in list_objects(s3, bucket, prefix)]
    if refused := remove_objects(s3, bucket, keys):
        raise StirError(f"{len(refused)} objects could not be removed: {'; '.join(refused[:3])}", where=bucket)
    return len(keys)


def _unreadable(bucket: str, key: str, error: Exception) -> StirError:
    return StirError(
        f"an exported object cannot be read: {error}",
        where=f"s3://{bucket}/{key}",
        do="publish again; readers keep what they have",
    )
