"""Listing and removing the objects below a prefix of a bucket, page by page and batch by batch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

AT_ONCE = 1000
"""Objects that S3 removes by one request."""


@dataclass(frozen=True)
class StoredObject:
    """An object of a bucket."""

    key: str
    size: int
    changed_at: datetime


def list_objects(s3: S3Client, bucket: str, prefix: str) -> Iterator[StoredObject]:
    """Every object whose key begins with the prefix."""
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for item in page.get("Contents", ()):
            yield StoredObject(item["Key"], item["Size"], item["LastModified"])


def remove_objects(s3: S3Client, bucket: str, keys: Iterable[str]) -> list[str]:
    """Remove objects; returns those that the store refused to remove, with its reason. One that is gone is removed."""
    refused, remaining = list[str](), iter(keys)
    while batch := list(islice(remaining, AT_ONCE)):
        answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in batch], "Quiet": True})
        refused += [f"{item.get('Key')}: {item.get('Message')}" for item in answer.get("Errors", ())]
    return refused
