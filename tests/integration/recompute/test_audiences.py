"""Audiences, their merge and fake followers, computed again from the source tables; and the planted fakes found."""

from __future__ import annotations

import pytest

from .audiences import Audiences
from .comparison import Subject
from .conftest import MAIN_SEED
from .demography import handle_of
from .fakes import Fakes

KEY = ["platform", "platform_id"]


@pytest.fixture(scope="module")
def audiences(subject: Subject) -> Audiences:
    return Audiences(subject)


@pytest.fixture(scope="module")
def fakes(audiences: Audiences) -> Fakes:
    return Fakes(audiences)


def test_each_source_of_audiences_is_what_its_definition_gives(subject: Subject, audiences: Audiences) -> None:
    subject.compare("mart_audience_info_private", KEY, audiences.private())
    subject.compare("mart_audience_info_follower", KEY, audiences.follower())
    subject.compare("mart_audience_info_gpt", KEY, audiences.guessed())


def test_the_merge_takes_each_field_from_the_best_source(subject: Subject, audiences: Audiences) -> None:
    merged = audiences.merged()
    subject.compare("mart_audience_info", KEY, merged)
    subject.compare_published("creator_audience", merged)

    assert {"private", "vendor", "language_model"} <= {row["gender_source"] for row in merged}
    # A small world may have no sample that is large enough of an account that did not authorise us.
    assert subject.seed != MAIN_SEED or "follower_sample" in {row["city_source"] for row in merged}


def test_collected_followers_are_those_with_handle_and_name(subject: Subject, audiences: Audiences) -> None:
    subject.compare("mart_instagram_collected_followers_count", ["profile_id"], audiences.collected())


def test_fake_follower_scores_are_what_their_definition_gives(subject: Subject, fakes: Fakes) -> None:
    subject.compare("mart_instagram_creators_followers_fake_analysis", ["profile_id"], fakes.scores())


def test_the_planted_fakes_are_found(subject: Subject, fakes: Fakes) -> None:
    planted = {
        (row["account_id"], handle_of(row["follower_handle"])): row["is_fake"]
        for row in subject.rows(
            "select account_id, follower_handle, is_fake"
            " from world.followers(first = 0, last = (select toInt64(max(creator)) + 1 from world.creator))"
        )
    }
    judged = {(p, h): word != "real" for p, sample in fakes.verdicts.items() for h, word in sample.items()}
    known = [(planted[follower], called) for follower, called in judged.items() if follower in planted]
    both = sum(fake and called for fake, called in known)
    precision = both / sum(called for _, called in known)
    recall = both / sum(fake for fake, _ in known)
    subject.notes.append(
        f"seed {subject.seed}: of {sum(fake for fake, _ in known):,} planted fake followers among {len(known):,}"
        f" {both:,} found, precision {precision:.3f}, recall {recall:.3f}"
    )

    # Of a creator that vanished before the crawl nobody knows whose handle it was.
    assert len(known) > 0.8 * len(planted) > 0
    # Rules that ask neither whose script it is nor whether digits are a year take real people for fakes; one fake in
    # three shows nothing in name or handle and counts in the share of repeated names only.
    assert 0.4 < precision < 0.75
    assert 0.4 < recall < 0.7
