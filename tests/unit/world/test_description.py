"""What the one SHA-256 of a description covers."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

from stir.world.description import TableContents, WorldDescription

TABLE = TableContents("events.post_log_events", rows=12, keys=10, content="ab12")
DESCRIPTION = WorldDescription(
    seed=7,
    creators=300,
    start=datetime(2026, 4, 16, tzinfo=UTC),
    end=datetime(2026, 6, 15, tzinfo=UTC),
    tables=(TABLE,),
    planted={"account renamed": 3},
)


def test_redelivered_versions_do_not_change_the_sha() -> None:
    assert replace(DESCRIPTION, tables=(replace(TABLE, rows=99),)).sha256 == DESCRIPTION.sha256


def test_any_other_change_changes_the_sha() -> None:
    others = [
        replace(DESCRIPTION, seed=8),
        replace(DESCRIPTION, creators=301),
        replace(DESCRIPTION, start=datetime(2026, 4, 17, tzinfo=UTC)),
        replace(DESCRIPTION, end=datetime(2026, 6, 16, tzinfo=UTC)),
        replace(DESCRIPTION, tables=(replace(TABLE, keys=11),)),
        replace(DESCRIPTION, tables=(replace(TABLE, content="ab13"),)),
        replace(DESCRIPTION, tables=(replace(TABLE, name="events.profile_log_events"),)),
        replace(DESCRIPTION, planted={"account renamed": 4}),
        replace(DESCRIPTION, planted={}),
    ]
    assert len({other.sha256 for other in [DESCRIPTION, *others]}) == len(others) + 1


def test_the_description_as_a_dictionary_is_json_and_holds_the_sha() -> None:
    body = json.loads(json.dumps(DESCRIPTION.as_dict()))
    assert body["sha256"] == DESCRIPTION.sha256
    assert body["tables"][0]["content"] == "ab12"
    assert body["end"] == "2026-06-15T00:00:00+00:00"
