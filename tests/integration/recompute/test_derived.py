"""Hashtags, languages, categories and orders, computed again from the source tables."""

from __future__ import annotations

import pytest

from .comparison import Subject
from .derived import Captions, categories, orders, spoken_languages


@pytest.fixture(scope="module")
def captions(subject: Subject) -> Captions:
    return Captions(subject)


def test_hashtags_of_each_post(subject: Subject, captions: Captions) -> None:
    expected = list(captions.hashtags())
    assert any(row["hashtags"] for row in expected)

    subject.compare("mart_instagram_post_hashtags", ["shortcode"], expected, final=True)


def test_languages_of_captions_and_of_videos(subject: Subject, captions: Captions) -> None:
    written = list(captions.languages())
    assert len({row["language"] for row in written}) > 2
    assert any(row["language_ratio"] < 1 for row in written)

    subject.compare("mart_instagram_predicted_language", ["profile_id"], written)
    subject.compare("mart_youtube_account_language", ["channel_id"], list(spoken_languages(subject)))


def test_categories_that_the_classifier_is_sure_of(subject: Subject) -> None:
    expected = categories(subject)
    assert {row["category_basis"] for row in expected} == {"label", "biography"}

    subject.compare("mart_instagram_predicted_category", ["profile_id"], expected)


def test_orders_that_came_through_our_links(subject: Subject) -> None:
    expected = list(orders(subject))
    assert {row["status"] for row in expected} == {"PENDING", "CONFIRMED", "DELIVERED", "CANCELLED"}

    subject.compare("mart_attributed_order", ["platform", "platform_order_id"], expected)
