"""Attributes of accounts by precedence, tags, guesses, places and subscriptions, computed again from the sources."""

from __future__ import annotations

import pytest

from .comparison import Subject
from .precedence import Precedence
from .sightings import Sightings
from .tags import guesses, manual
from .words import Words


@pytest.fixture(scope="module")
def precedence(subject: Subject) -> Precedence:
    return Precedence(subject)


def test_attributes_of_profiles(subject: Subject, precedence: Precedence) -> None:
    expected = precedence.profiles()
    for name in ("category", "language", "country", "city", "gender", "profile_pic_url"):
        assert len({row[f"{name}_source"] for row in expected}) > 2, name

    columns = [name for name in expected[0] if name != "profile_id"]
    subject.compare("mart_instagram_account_base", ["profile_id"], expected, columns=columns)


def test_attributes_of_channels(subject: Subject, precedence: Precedence) -> None:
    expected = precedence.channels()
    for name in ("category", "language", "country"):
        assert len({row[f"{name}_source"] for row in expected}) > 1, name

    columns = [name for name in expected[0] if name != "channel_id"]
    subject.compare("mart_youtube_account_base", ["channel_id"], expected, columns=columns)


def test_what_people_tagged_by_hand(subject: Subject) -> None:
    expected = manual(Words())
    assert any(row["has_override"] for row in expected)

    subject.compare("mart_manual_profile_data", ["platform", "profile_key"], expected)


def test_what_the_language_model_said_of_creators(subject: Subject) -> None:
    expected = guesses(subject, Words())
    reported = [row[name] for row in expected for name in ("city", "state", "country", "language", "gender")]
    assert len(set(reported)) > 5

    subject.compare("mart_instagram_gpt_basic_data", ["handle"], expected)


def columns_of(subject: Subject, model: str) -> list[str]:
    """All but the version, in which there is a hash."""
    return [name for name in subject.columns(model) if name != "_version"]


def test_where_posts_were_last_seen(subject: Subject) -> None:
    expected = Sightings(subject).locations()

    columns = columns_of(subject, "mart_post_location")
    subject.compare("mart_post_location", ["platform", "shortcode"], expected, columns=columns, final=True)


def test_whom_posts_were_last_seen_to_tag(subject: Subject) -> None:
    expected = Sightings(subject).tagged()
    assert any(row["tagged_handles"] for row in expected)

    columns = columns_of(subject, "mart_instagram_post_tagged")
    subject.compare("mart_instagram_post_tagged", ["shortcode"], expected, columns=columns, final=True)


@pytest.mark.parametrize(
    ("model", "store"),
    [("mart_youtube_subscriber", "events"), ("mart_youtube_subscriber_staging", "events_stage")],
)
def test_which_channels_subscribe_to_which(subject: Subject, model: str, store: str) -> None:
    expected = Sightings(subject).subscriptions(store)
    assert any(row["subscribed_at"] for row in expected)

    columns = columns_of(subject, model)
    subject.compare(model, ["subscriber_id", "channel_id"], expected, columns=columns, final=True)
