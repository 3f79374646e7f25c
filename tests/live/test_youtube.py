"""YouTube itself, with a real key: what its documentation says, and what the parsers read of its answers.

Runs as check `YouTube itself` of `./stir test` where STIR_YOUTUBE_KEY is set; without it, the check is reported as not
run. It costs about five units of the key's quota.
"""

from __future__ import annotations

import asyncio
import os
from typing import Any

import pytest
from tests.unit.collector.platform import Budget, Run, conforms, run, task

from stir.collector.protocol import Complete, Credential, NotFound
from stir.collector.settings import CollectorSettings

CHANNEL = "UC_x5XG1OV2P6uZZ5FSM9Ttw"
"""Google for Developers, which has had thousands of videos for years."""
NOBODY = "UC" + "0" * 22
URLS = {
    name.removesuffix("_url"): str(CollectorSettings.model_fields[name].default)
    for name in ("youtube_url", "youtube_rss_url")
}


@pytest.fixture
def budget() -> Budget:
    """The key of the environment."""
    key = os.environ["STIR_YOUTUBE_KEY"]
    return Budget([Credential(id=1, source="youtube", project="live", secret=key, details={"kind": "key"})])


def ask(budget: Budget, *tasks: Any) -> Run:
    found = asyncio.run(run(URLS, *tasks, budget=budget, seconds=20.0))
    assert not budget.disabled, budget.disabled
    conforms(found)
    return found


def test_a_channel_is_there_and_one_that_is_not_is_named(budget: Budget) -> None:
    found = ask(budget, task("refresh_yt_profiles", CHANNEL, NOBODY))

    assert isinstance(found.outcome, Complete)
    assert any(NOBODY in note for note in found.outcome.notes)
    metrics = found.events("profile_log")[CHANNEL]["metrics"]
    assert metrics["subscriber_count"] > 1_000_000
    assert metrics["view_count"] > 100_000_000
    assert isinstance(ask(budget, task("refresh_yt_profiles", NOBODY)).outcome, NotFound)


def test_the_newest_uploads_come_with_their_counters(budget: Budget) -> None:
    found = ask(budget, task("refresh_yt_posts_by_playlist_id", CHANNEL, max_posts=5))

    assert isinstance(found.outcome, Complete)
    events = found.events("post_log").values()
    assert len(events) >= 3
    assert all(event["metrics"]["view_count"] >= 0 for event in events)
