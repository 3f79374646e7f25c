"""What a build does about an upstream: it waits for a run that comes, or goes on and says how old things are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from stir.dags.upstreams import Upstream, judge, judge_reading, longest_wait, with_reading
from stir.transform.ownership import DAG_OF_CADENCE
from stir.transform.pace import pace

BOUND = timedelta(minutes=60)
GOOD = datetime(2026, 6, 1, 18, 45, tzinfo=UTC)


def upstream(
    *, paused: bool = False, under_way: bool = False, due: bool = False, last: str = "success", good: bool = True
) -> Upstream:
    since = GOOD if good else None
    return Upstream(dag_id="dbt_core", paused=paused, under_way=under_way, due=due, last=last, good_since=since)


@pytest.mark.parametrize(
    ("state", "waited", "step", "said"),
    [
        (upstream(under_way=True), 0, "wait", "has a run under way: this run waits for it, 60 min at most"),
        (upstream(due=True), 0, "wait", "is due and about to run: this run waits for it"),
        (upstream(under_way=True, last="failed"), 59, "wait", "1 min at most"),
        (upstream(under_way=True), 60, "warn", "after 60 min of waiting, and this run goes on"),
        (upstream(due=True), 61, "warn", "goes on: its tables are of 2026-06-01 18:45 UTC or later"),
        (upstream(paused=True), 0, "warn", "is paused and is not waited for: its tables are of 2026-06-01 18:45"),
        (upstream(paused=True, last="", good=False), 0, "warn", "no scheduled run of it has succeeded"),
        (upstream(last="failed"), 0, "warn", "the last scheduled run of dbt_core failed"),
        (upstream(last="", good=False), 0, "warn", "dbt_core is not waited for: no scheduled run"),
        (upstream(), 0, "go", "dbt_core is done: its tables are of 2026-06-01 18:45 UTC or later"),
    ],
)
def test_each_state_of_an_upstream_has_its_answer(state: Upstream, waited: int, step: str, said: str) -> None:
    verdict = judge(state, timedelta(minutes=waited), BOUND)

    assert verdict.step == step
    assert said in verdict.line
    assert verdict.line.count("dbt_core") == 1


@pytest.mark.parametrize(
    ("state", "minutes", "step", "said"),
    [
        (upstream(), 59, "go", "dbt_core builds mart_a, mart_b: its tables are of 2026-06-01 18:45 UTC or later"),
        (upstream(under_way=True, due=True), 0, "go", "dbt_core builds"),
        (upstream(), 61, "warn", "dbt_core, which builds mart_a, mart_b, is late: its tables are of 2026-06-01 18:45"),
        (upstream(paused=True), 0, "warn", "which builds mart_a, mart_b, is paused: its tables are of"),
        (upstream(last="failed"), 0, "warn", "the last scheduled run of dbt_core, which builds mart_a, mart_b, failed"),
        (upstream(last="", good=False), 0, "warn", "is late: no scheduled run of it has succeeded"),
    ],
)
def test_who_only_reads_a_build_never_waits_and_is_warned_of_a_late_one(
    state: Upstream, minutes: int, step: str, said: str
) -> None:
    verdict = judge_reading(state, GOOD + timedelta(minutes=minutes), ["mart_a", "mart_b"])

    assert verdict.step == step
    assert said in verdict.line


def test_a_description_says_what_is_read_and_whose_build_it_is() -> None:
    doc = with_reading("What it does.", {"mart_leaderboard", "stg_beat_instagram_post", "mart_instagram_account"})

    assert doc is not None
    assert "`mart_instagram_account`, `stg_beat_instagram_post` of `dbt_core`; `mart_leaderboard` of `dbt_daily`" in doc
    assert with_reading("What it does.", ()) == "What it does."


def test_no_state_makes_a_run_wait_for_ever_or_for_a_paused_one() -> None:
    flags = (True, False)
    for paused, under_way, due, good, last in product(flags, flags, flags, flags, ("", "success", "failed", "running")):
        state = upstream(paused=paused, under_way=under_way, due=due, good=good, last=last)
        assert judge(state, BOUND, BOUND).step != "wait"
        if paused:
            assert judge(state, timedelta(), BOUND).step == "warn"


def test_a_run_waits_a_third_of_the_time_to_the_next_and_an_hour_at_most() -> None:
    assert longest_wait("core") == timedelta(minutes=5)
    assert longest_wait("daily") == timedelta(minutes=60)
    assert all(longest_wait(name) <= pace(name) / 3 for name in DAG_OF_CADENCE)
