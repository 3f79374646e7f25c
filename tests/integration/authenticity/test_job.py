"""The scorer of followers as a job: what a run writes, and that kills, repetitions and company change nothing."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
import uuid

import pytest
from clickhouse_connect.driver.binding import quote_identifier

from stir import connections
from stir.authenticity import edges, job
from stir.authenticity.runs import Runs
from stir.connections import quoted_table
from stir.settings import Settings

from .conftest import Written


def test_a_run_scores_every_collected_follower_once_and_the_next_finds_nothing_to_do(written: Written) -> None:
    collected = written.ask(
        f"select count() from {written.settings.clickhouse_database}.stg_beat_profile_relationship_log final"
        " where platform = 'INSTAGRAM' and relationship_type = 'follower' and source_handle is not null"
    )
    seen: list[tuple[int, int]] = []
    done = job.run(written.settings, progress=lambda so_far, planned: seen.append((so_far, planned)))
    assert done.edges == done.planned == collected == written.inserted() > 1000
    assert seen[-1] == (collected, collected)
    assert written.rows()[1][0] == done.creators > 5
    with Runs.open(written.settings) as runs:
        noted = runs.read(done.run_id)
    assert noted is not None
    assert (noted.edges, noted.creators) == (done.edges, done.creators)
    assert noted.finished_at is not None

    again = job.run(written.settings)
    assert (again.planned, again.edges, again.creators) == (0, 0, 0)


def test_shares_lie_in_their_intervals(written: Written) -> None:
    job.run(written.settings)
    where = "from ds.creator_fake_share final where rules_version > 0 and fake_share is not null"
    assert written.ask(f"select count() {where}") > 5
    assert written.ask(f"select countIf(not fake_share between fake_share_low and fake_share_high) {where}") == 0
    assert written.ask(f"select countIf(fake_share_low < 0 or fake_share_high > 1) {where}") == 0


def test_the_size_of_a_chunk_and_the_number_of_workers_change_nothing(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    job.run(written.settings)
    whole = written.rows()
    written.forget()
    with monkeypatch.context() as patch:
        patch.setattr(edges, "CHUNK", 331)
        assert job.run(written.settings).chunks > 13
    assert written.rows() == whole
    written.forget()
    monkeypatch.setattr(job, "PACK_CREATORS", 3)
    done = job.run(written.settings, workers=2)
    assert written.rows() == whole
    assert written.inserted() == done.edges, "two workers never score the same follower"


def _killed(settings: Settings, creator: str, boundary: str) -> None:
    def reached(name: str) -> None:
        if name == boundary:
            os.kill(os.getpid(), signal.SIGKILL)

    edges.CHUNK = 20
    job.run(settings, creators=[creator], reached=reached)


def test_a_run_that_was_killed_anywhere_and_begun_again_leaves_the_same_rows(
    written: Written, creator: str, request: pytest.FixtureRequest
) -> None:
    """On a push behind a part of the scores, and behind the shares."""
    job.run(written.settings, creators=[creator])
    whole = written.rows()
    assert whole[0][0] > 20, "more than a chunk"
    for boundary in job.BOUNDARIES if request.config.getoption("--long") else ("scored", "shared"):
        written.forget()
        # A fork has all modules already; it opens a connection of its own.
        process = multiprocessing.get_context("fork").Process(
            target=_killed, args=(written.settings, creator, boundary)
        )
        process.start()
        process.join(300)
        assert process.exitcode == -signal.SIGKILL, boundary
        for _ in range(600):
            job.run(written.settings, creators=[creator])
            if not job.plan(written.settings, [creator]).creators:
                break
            time.sleep(0.1)  # PostgreSQL releases the locks of a killed worker a little later
        assert written.rows() == whole, boundary


def test_a_chunk_that_is_sent_twice_is_inserted_once(written: Written, creator: str) -> None:
    scorer = job.scorer()
    warehouse = edges.Warehouse(written.settings, job.versions(scorer))
    followers, handles = warehouse.unscored([creator])
    one, another = uuid.uuid4().hex, uuid.uuid4().hex
    for _ in range(2):
        warehouse.write(one, followers, handles, scorer)
    assert written.inserted() == len(followers)
    warehouse.write(another, followers, handles, scorer)
    assert written.rows(creator)[0][0] == len(followers), "another run replaces"


def test_creators_that_another_worker_holds_are_left_to_it(written: Written, creator: str) -> None:
    with Runs.open(written.settings) as runs, runs.held([creator]) as held:
        assert held == [creator]
        assert job.run(written.settings, creators=[creator]).edges == 0
    assert job.run(written.settings, creators=[creator]).edges > 0


def test_merges_keep_every_row_of_outside_models(written: Written) -> None:
    before = written.ask(f"select count() from {edges.SCORES} where rules_version = 0")
    connections.clickhouse(written.settings).command(f"optimize table {edges.SCORES} final")
    assert written.ask(f"select count() from {edges.SCORES} final where rules_version = 0") == before > 1000


@pytest.mark.parametrize(
    "statement",
    ["select count() from world.account", "select count() from world.followers(first = 0, last = 9)",
     "insert into ds.instagram_prediction (profile_id) values ('1')", "drop table ds.creator_fake_share"],
)  # fmt: skip
def test_the_jobs_user_is_refused_the_worlds_truth_and_every_other_table(written: Written, statement: str) -> None:
    from clickhouse_connect.driver.exceptions import DatabaseError

    client = connections.clickhouse(written.settings, role="scorer")
    assert int(client.query("select count() from ds.creator_followers_fake_analysis").result_rows[0][0]) > 0
    with pytest.raises(DatabaseError, match=r"ACCESS_DENIED|Not enough privileges"):
        client.command(statement)


def test_a_warehouse_of_any_name_is_read(written: Written, creator: str) -> None:
    odd = 'it\'s "mine".日 {x}'
    settings = written.settings.model_copy(update={"clickhouse_database": odd})
    versions = edges.Versions(rules=1, model=1)
    with connections.clickhouse(settings) as client:
        quoted = quote_identifier(odd)
        client.command(f"create database {quoted}")
        try:
            for name in ("stg_beat_profile_relationship_log", "stg_beat_instagram_account", "country_name"):
                kept = quoted_table(written.settings.clickhouse_database, name)
                client.command(f"create table {quoted_table(odd, name)} clone as {kept}")
            assert job.plan(settings) == job.plan(written.settings)
            found = [edges.Warehouse(each, versions).samples([creator]) for each in (settings, written.settings)]
            assert found[0].keys() == found[1].keys() == {creator}
        finally:
            client.command(f"drop database {quoted} sync")
