"""The objects below a prefix: all pages of them, and none of a neighbour."""

from __future__ import annotations

import pytest

from stir import connections, object_store
from stir.object_store import list_objects, remove_objects
from stir.publish.export import objects
from stir.settings import Settings


def test_more_than_one_batch_is_removed_and_a_neighbour_stays(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(object_store, "AT_ONCE", 3)
    s3, bucket = connections.s3(settings), settings.s3.path
    for key in (*(f"store/a/{number}" for number in range(7)), "store/ab/0"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"12345")
    assert {item.size for item in list_objects(s3, bucket, "store/")} == {5}
    assert objects.remove_all(s3, bucket, "store/a/") == 7
    assert [item.key for item in list_objects(s3, bucket, "store/")] == ["store/ab/0"]
    assert remove_objects(s3, bucket, ["store/ab/0", "store/never/there"]) == []
    assert list(list_objects(s3, bucket, "store/")) == []
