"""The state that steps hand on survives JSON, and the manifest proves that it is the one that was written."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from stir.errors import StirError
from stir.publish.export.manifest import Manifest, Part, sha256
from stir.publish.state import PublishState, new_run_id

STATE = PublishState(name="leaderboard", target="staging", run_id="r", token="aaaaaaaa", allow=("shrink",)).took(
    "x", 1.5
)
COLUMNS = ("a", "b")
MANIFEST = Manifest(
    run_id="r",
    table="t",
    columns=COLUMNS,
    rows=5,
    checksum="crc32:9",
    parts=(Part(0, "k0", 2, 20), Part(1, "k1", 3, 30)),
)


def test_a_state_survives_json() -> None:
    assert PublishState.from_dict(json.loads(json.dumps(STATE.to_dict()))) == STATE


def test_a_state_that_an_older_version_handed_on_is_understood() -> None:
    state = replace(STATE, snapshot="stir_publish.board", bytes=7)
    values = state.to_dict()
    values["frozen"], values["size"] = values.pop("snapshot"), values.pop("bytes")
    assert PublishState.from_dict(values) == state


def test_a_snapshot_of_a_database_whose_name_has_a_dot_is_quoted_part_by_part() -> None:
    assert replace(STATE, snapshot="my.own_publish.board__1").quoted_snapshot == "`my.own_publish`.`board__1`"


@pytest.mark.parametrize("change", [{"target": "elsewhere"}, {"password": "x"}])
def test_a_value_that_is_no_state_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(StirError, match="not the state of a publish"):
        PublishState.from_dict({**STATE.to_dict(), **change})


@pytest.mark.parametrize("missing", ["name", "target", "run_id", "token"])
def test_a_state_without_what_every_state_has_is_refused(missing: str) -> None:
    with pytest.raises(StirError, match="not the state of a publish"):
        PublishState.from_dict({name: value for name, value in STATE.to_dict().items() if name != missing})


def test_a_state_needs_no_more_than_it_begins_with() -> None:
    begun = PublishState.from_dict({"name": "leaderboard", "target": "prod", "run_id": "r", "token": "aaaaaaaa"})
    assert (begun.base, begun.rows, begun.parts, begun.bytes, begun.carried_rows, begun.generation) == (0,) * 6
    assert not begun.force
    assert not begun.decided
    assert replace(begun, outcome="held").decided
    assert replace(begun, rows=5, carried_rows=2).travelling == 3
    assert begun.took("export", 0.12345).seconds == {"export": 0.123}


def test_everything_a_run_exports_lies_under_its_own_prefix() -> None:
    assert STATE.prefix == "publish/staging/leaderboard/aaaaaaaa/"


def test_a_manifest_survives_its_object() -> None:
    content = MANIFEST.to_bytes()
    assert Manifest.from_bytes(content, sha256(content)) == MANIFEST


def test_a_manifest_that_was_cut_short_is_refused() -> None:
    content = MANIFEST.to_bytes()
    with pytest.raises(StirError, match="its bytes are not those"):
        Manifest.from_bytes(content[:-10], sha256(content))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"parts": (Part(0, "k0", 2, 20),)}, "hold 2 rows, it promises 5"),
        ({"parts": (Part(0, "k0", 2, 20), Part(2, "k2", 3, 30))}, "one is missing or listed twice"),
        ({"parts": (Part(0, "k0", 2, 20), Part(0, "k0", 3, 30))}, "one is missing or listed twice"),
        ({"parts": (Part(0, "k0", 2, 20), Part(1, "k0", 3, 30))}, "one is missing or listed twice"),
        ({"rows": 6}, "it promises 6"),
        ({"columns": ("b", "a")}, "another content"),
        ({"checksum": "crc32:8"}, "another content"),
    ],
)
def test_a_manifest_that_does_not_add_up_is_refused(change: dict[str, object], complaint: str) -> None:
    MANIFEST.check(rows=5, checksum="crc32:9", columns=COLUMNS)
    with pytest.raises(StirError, match=complaint):
        replace(MANIFEST, **change).check(rows=5, checksum="crc32:9", columns=COLUMNS)  # type: ignore[arg-type]


def test_a_manifest_of_another_snapshot_is_refused() -> None:
    with pytest.raises(StirError, match="the snapshot has 4"):
        MANIFEST.check(rows=4, checksum="crc32:9", columns=COLUMNS)


def test_a_run_that_no_scheduler_named_is_called_by_its_moment_and_a_chance_that_no_two_share() -> None:
    names = {new_run_id() for _ in range(200)}
    assert len(names) == 200
    assert all(re.fullmatch(r"\d{8}T\d{6}Z-[0-9a-f]{6}", name) for name in names)


def test_a_manifest_is_written_so_that_people_can_read_it() -> None:
    assert MANIFEST.to_bytes().decode().splitlines()[1] == ' "run_id": "r",'
