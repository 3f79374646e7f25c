"""A left-over that cannot be removed keeps no other one of any kind, and is named."""

from __future__ import annotations

import pytest

from stir import connections
from stir.errors import StirError
from stir.operations.retention import remove
from stir.publish import STEPS, begin, publish
from stir.publish.export import objects
from stir.publish.progress import UNWATCHED
from stir.publish.session import writer
from stir.publish.state import PublishState, run_prefix
from stir.settings import Settings

from .left_overs import BOARD, left_overs, once
from .marts import Mart


def dead_run(place: Settings) -> PublishState:
    """A run that died after its load: a clone, objects and a table are left of it."""
    state = begin(place, "leaderboard", run_id=once("dead"), take_over=True)
    for step in ("export", "load"):
        state = STEPS[step](place, state, UNWATCHED)
    with writer(place, "prod") as connection:
        connection.execute("update stir.run set expires_at = clock_timestamp() where run_id = %s", [state.run_id])
    return state


@pytest.fixture
def dead(place: Settings, mart: Mart) -> list[PublishState]:
    """Three runs that died, the oldest first."""
    mart.build(1)
    publish(place, BOARD, force=True, allow=("freshness",))
    mart.build(2)
    runs = [dead_run(place) for _ in range(3)]
    mart.build(3)
    return runs


def keys(place: Settings, state: PublishState) -> list[str]:
    prefix = run_prefix("prod", "leaderboard", state.token)
    found = connections.s3(place).list_objects_v2(Bucket=place.s3.path, Prefix=prefix)
    return [item["Key"] for item in found.get("Contents", [])]


def test_a_table_that_a_view_reads_is_the_only_one_that_stays_and_is_named(
    place: Settings, dead: list[PublishState]
) -> None:
    with writer(place, "prod") as connection:
        connection.execute(f'create view public.holds as select 1 from stir."{dead[0].loaded}"'.encode())
        publication = publish(place, BOARD)
        assert publication.outcome == "published"
        assert f"PostgreSQL table stir.{dead[0].loaded}: cannot drop table" in publication.reason
        assert left_overs(place) == [dead[0].loaded]
        state = begin(place, "leaderboard", run_id=once("tidied by a task"))
        with pytest.raises(StirError, match=rf"1 left-overs of leaderboard could not be removed: .*{dead[0].loaded}"):
            STEPS["tidy"](place, state, UNWATCHED)
        found = {find.sweep: find.troubles for find in remove(place)}
        assert any(dead[0].loaded in line for line in found["publish runs that left something"])
        connection.execute("drop view public.holds")
    assert publish(place, BOARD, force=True).reason == ""
    assert left_overs(place) == []


def test_objects_that_stay_keep_no_other_left_over(
    place: Settings, dead: list[PublishState], monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck = run_prefix("prod", "leaderboard", dead[0].token)
    really = objects.remove_all

    def remove_all(s3: object, bucket: str, prefix: str) -> int:
        if prefix == stuck:
            raise StirError("the store is locked")
        return really(s3, bucket, prefix)  # type: ignore[arg-type]

    monkeypatch.setattr(objects, "remove_all", remove_all)
    publication = publish(place, BOARD)
    assert f"objects in S3 below {stuck}: the store is locked" in publication.reason
    assert keys(place, dead[0])
    assert not keys(place, dead[1])
    assert not keys(place, dead[2])
    with writer(place, "prod") as connection:
        for state in dead:
            assert connection.execute("select to_regclass(%s)", [f'stir."{state.loaded}"']).fetchone() == (None,)
    monkeypatch.undo()
    assert publish(place, BOARD, force=True).reason == ""
    assert left_overs(place) == []
