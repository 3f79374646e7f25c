"""S3 and what lies in it, broken in the middle of a publish, under eight readers: survived, or refused and unseen."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from backports import zstd
from pydantic import SecretStr

from stir import connections
from stir.errors import StirError
from stir.publish import STEPS, PublishState, begin, publish, verify
from stir.publish.export.manifest import sha256
from stir.publish.progress import UNWATCHED
from stir.settings import Settings

from .faulty_s3 import faulty_s3
from .left_overs import BOARD, generations, once


def exported(place: Settings, run_id: str) -> PublishState:
    return STEPS["export"](place, begin(place, "leaderboard", run_id=once(run_id)), UNWATCHED)


def refused(place: Settings, state: PublishState, complaint: str) -> None:
    """The rest of the run is refused with that complaint, and the live generation stays."""
    before = generations(place)[-1]

    def go_on() -> None:
        passed = state
        for step in ("load", "index", "verify", "swap"):
            passed = STEPS[step](place, passed, UNWATCHED)

    with pytest.raises(StirError, match=complaint):
        go_on()
    assert generations(place)[-1] == before
    STEPS["tidy"](place, state, UNWATCHED)


def _padded(content: bytes, size: int) -> bytes:
    """Compressed bytes made `size` long by a skippable frame, which means nothing."""
    missing = size - len(content) - 8
    assert missing >= 0
    return content + b"\x50\x2a\x4d\x18" + missing.to_bytes(4, "little") + b"\0" * missing


@pytest.mark.faults(0)
def test_control_without_a_fault(place: Settings, version: int) -> None:
    with faulty_s3(place, lambda number, body: (206, body)) as (proxied, server):
        assert publish(proxied, BOARD).outcome == "published"
        assert server.reads == 1


@pytest.mark.faults(11)
def test_s3_that_says_slow_down_is_asked_again(place: Settings, version: int) -> None:
    busy = b"<Error><Code>SlowDown</Code></Error>"
    with faulty_s3(place, lambda number, body: (503, busy) if number < 3 else (206, body)) as (proxied, server):
        assert publish(proxied, BOARD).outcome == "published"
        assert server.reads == 3


@pytest.mark.faults(11)
def test_a_read_that_breaks_off_is_taken_up_where_it_broke(place: Settings, version: int) -> None:
    with faulty_s3(place, lambda number, body: None if number < 4 else (206, body)) as (proxied, server):
        assert publish(proxied, BOARD).outcome == "published"
        assert server.reads == 4
    assert verify(place, BOARD).intact


@pytest.mark.faults(11)
def test_a_read_that_never_comes_through_is_given_up(place: Settings, version: int) -> None:
    with (
        faulty_s3(place, lambda number, body: (206, b"")) as (proxied, _),
        pytest.raises(StirError, match="an exported object cannot be read"),
    ):
        publish(proxied, BOARD)


@pytest.mark.faults(12)
# The rows of a parallel load are summed up by the same statement.
@pytest.mark.parametrize("way", ["frozen", pytest.param("parallel", marks=pytest.mark.long)])
def test_one_wrong_digit_is_found(place: Settings, version: int, way: str, request: pytest.FixtureRequest) -> None:
    if way == "parallel":
        request.getfixturevalue("in_parallel")

    def corrupt(number: int, body: bytes) -> tuple[int, bytes]:
        rows = zstd.decompress(body)
        wrong = re.sub(rb"(\tMTD\t)(\d)", lambda found: found[1] + b"%d" % ((int(found[2]) + 1) % 10), rows, count=1)
        return 206, _padded(zstd.compress(wrong, level=22), len(body))

    with (
        faulty_s3(place, corrupt) as (proxied, _),
        pytest.raises(StirError, match=r"differs from its snapshot.*\(columns that differ: followers\)"),
    ):
        publish(proxied, BOARD)


@pytest.mark.faults(15)
def test_a_part_that_ends_at_a_row_is_found(place: Settings, version: int) -> None:
    state = exported(place, "ends early")
    s3 = connections.s3(place)
    key = state.manifest.replace("manifest.json", "part-000.tsv.zst")
    rows = zstd.decompress(s3.get_object(Bucket=place.s3.path, Key=key)["Body"].read()).splitlines(keepends=True)
    s3.put_object(Bucket=place.s3.path, Key=key, Body=zstd.compress(b"".join(rows[:-1])))
    refused(place, state, "the export wrote")


@pytest.mark.faults(12)
def test_a_part_of_the_right_size_with_other_rows_is_found(place: Settings, version: int) -> None:
    state = exported(place, "other rows")
    s3 = connections.s3(place)
    key = state.manifest.replace("manifest.json", "part-000.tsv.zst")
    content = zstd.decompress(s3.get_object(Bucket=place.s3.path, Key=key)["Body"].read())
    other = zstd.compress(content.replace(b"\tMTD\t3003\t", b"\tMTD\t3004\t"), level=22)
    s3.put_object(Bucket=place.s3.path, Key=key, Body=_padded(other, state.bytes))
    refused(place, state, "differs from its snapshot")


@pytest.mark.faults(13)
def test_a_part_that_is_missing_is_found(place: Settings, version: int) -> None:
    state = exported(place, "missing part")
    connections.s3(place).delete_object(
        Bucket=place.s3.path, Key=state.manifest.replace("manifest.json", "part-000.tsv.zst")
    )
    refused(place, state, "an exported object cannot be read")


@pytest.mark.faults(13)
def test_a_part_that_is_listed_twice_is_found(place: Settings, version: int) -> None:
    state = exported(place, "listed twice")
    s3 = connections.s3(place)
    manifest = json.loads(s3.get_object(Bucket=place.s3.path, Key=state.manifest)["Body"].read())
    manifest["parts"] *= 2
    content = json.dumps(manifest).encode()
    s3.put_object(Bucket=place.s3.path, Key=state.manifest, Body=content)
    refused(
        place,
        replace(state, manifest_digest=sha256(content)),
        r"its parts are \[0, 0\]: one is missing or listed twice",
    )


@pytest.mark.faults(14)
def test_a_manifest_that_is_missing_or_half_written_is_found(place: Settings, version: int) -> None:
    state = exported(place, "no manifest")
    s3 = connections.s3(place)
    content = s3.get_object(Bucket=place.s3.path, Key=state.manifest)["Body"].read()
    s3.put_object(Bucket=place.s3.path, Key=state.manifest, Body=content[: len(content) // 2])
    with pytest.raises(StirError, match="the manifest is not usable"):
        STEPS["load"](place, state, UNWATCHED)
    s3.delete_object(Bucket=place.s3.path, Key=state.manifest)
    refused(place, state, "an exported object cannot be read")


@pytest.mark.faults(8)
def test_a_stale_object_in_the_way_is_not_overwritten(
    place: Settings, version: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = begin(place, "leaderboard", run_id=once("stale object"))
    monkeypatch.setattr("stir.publish.export.parts.secrets.token_hex", lambda size: "0" * 2 * size)
    key = f"{state.prefix}00000000/part-000.tsv.zst"
    connections.s3(place).put_object(Bucket=place.s3.path, Key=key, Body=b"old")
    with pytest.raises(Exception, match="already exists"):
        STEPS["export"](place, state, UNWATCHED)
    monkeypatch.undo()
    STEPS["tidy"](place, state, UNWATCHED)


@pytest.mark.faults(29)
def test_rotated_s3_credentials_are_refused_and_not_shown(place: Settings, version: int) -> None:
    rotated = place.model_copy(
        update={"s3_url": SecretStr(f"http://{place.s3.user}:rotated-away@{place.s3.host}:{place.s3.port}/stir")}
    )
    rotated.__dict__.pop("s3", None)
    with pytest.raises(StirError, match="an exported object cannot be read") as refusal:
        publish(rotated, BOARD)
    assert "rotated-away" not in str(refusal.value)


@pytest.mark.faults(7)
def test_an_upload_that_was_never_finished_is_removed(place: Settings, version: int) -> None:
    s3 = connections.s3(place)
    state = begin(place, "leaderboard", run_id=once("unfinished upload"))
    key = f"{state.prefix}x/part-000.tsv.zst"
    upload = s3.create_multipart_upload(Bucket=place.s3.path, Key=key)
    s3.upload_part(Bucket=place.s3.path, Key=key, UploadId=upload["UploadId"], PartNumber=1, Body=b"half")
    STEPS["tidy"](place, state, UNWATCHED)
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=place.s3.path, Prefix=state.prefix)
