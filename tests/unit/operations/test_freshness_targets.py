"""Ages against promises, without a server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from stir.clock import spoken
from stir.operations.freshness import NEVER, judge
from stir.operations.freshness_targets import PROMISES, Promise
from stir.publish import SPECS
from stir.settings import PROJECT_DIR
from stir.transform.ownership import DAG_OF_CADENCE

NOW = datetime(2026, 6, 15, tzinfo=UTC)
PROMISE = Promise("model", "mart_x", timedelta(hours=2), 1)


@pytest.mark.parametrize(("age", "kept"), [(0, True), (120, True), (121, False)])
def test_a_promise_holds_up_to_its_age_and_not_beyond(age: int, kept: bool) -> None:
    assert judge(PROMISE, NOW - timedelta(minutes=age), NOW, absent_is_kept=False).kept is kept


def test_a_model_that_was_never_built_breaks_its_promise_and_an_empty_queue_keeps_it() -> None:
    assert judge(PROMISE, None, NOW, absent_is_kept=False).seen == NEVER
    assert not judge(PROMISE, None, NOW, absent_is_kept=False).kept
    queue = Promise("queue", "outbox", timedelta(hours=2), 1)
    assert judge(queue, None, NOW, absent_is_kept=True).kept


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(seconds=20), "0 min"),
        (timedelta(minutes=61), "1 h 1 min"),
        (timedelta(days=2), "2 d"),
        (timedelta(days=1, minutes=5), "1 d 5 min"),
    ],
)
def test_ages_are_given_in_their_two_largest_units(age: timedelta, words: str) -> None:
    assert spoken(age) == words


def test_subjects_are_unique_and_every_cadence_has_a_promise() -> None:
    assert len({promise.subject for promise in PROMISES}) == len(PROMISES)
    published = {promise.name for promise in PROMISES if promise.kind == "publication"}
    assert published == {f"prod.{spec.table}" for spec in SPECS.values()}
    promised = {promise.name for promise in PROMISES if promise.kind == "model"}
    sql = {path.stem: path.read_text() for path in (PROJECT_DIR / "models").rglob("*.sql")}
    tagged = {cadence for cadence in DAG_OF_CADENCE for name in promised if f"tags=['{cadence}']" in sql.get(name, "")}
    assert tagged == set(DAG_OF_CADENCE)
