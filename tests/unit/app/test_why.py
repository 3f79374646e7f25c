"""Searches and explanations of ranks, without a database."""

from __future__ import annotations

from typing import Any

import pytest

from stir.app.api.search import bounds
from stir.app.api.why import ranking_of

PARTS = {"rivals_gone": {"k_rank": 3}, "rivals_new": {"k_rank": -1}, "own_movement": {"k_rank": 2}}


def month(now: int | None, before: int | None, state: str = "MTD") -> dict[str, Any]:
    return {
        "month_state": state,
        "computed_as_of": "2026-11-28T00:00:00+00:00",
        "ranks": {} if now is None else {"k_rank": now},
        "previous_ranks": {} if before is None else {"k_rank": before},
    }


@pytest.mark.parametrize(
    ("now", "before", "others", "status", "words"),
    [
        (5, 8, -1, "explained", "climbed 3 places. 3 places won from rivals who left the ranking; 1 place lost"),
        (5, 9, -1, "not_explained_yet", "is not published yet"),
        (5, None, -1, "new", "New here at place 5"),
        (None, 8, -1, "left", "it was place 8"),
        (1001, 1004, -1, "beyond_the_cut", "Only the first 1,000 places are explained"),
    ],
)
def test_a_movement_is_explained_only_if_its_parts_add_up(
    now: int | None, before: int | None, others: int, status: str, words: str
) -> None:
    board = month(now, before)
    movement = {**PARTS, "others_movement": {"k_rank": others}, "computed_as_of": board["computed_as_of"]}
    found = ranking_of("k_rank", board, movement)
    assert found["status"] == status
    assert words in found["words"]
    assert (found["rivals_gone"] == 3) == (status == "explained")


@pytest.mark.parametrize(
    ("board_state", "state", "status"),
    [
        ("MTD", "MTD", "being_replaced"),
        ("FINAL", "CLOSING", "being_replaced"),
        ("CLOSING", "FINAL", "being_replaced"),
        ("FINAL", "FINAL", "explained"),
    ],
)
def test_an_explanation_of_another_moment_is_given_only_of_a_final_month(
    board_state: str, state: str, status: str
) -> None:
    # The parts add up, as numbers of two states may by chance.
    of_yesterday = {"month_state": state, "computed_as_of": "2026-11-27T00:00:00+00:00"}
    movement = {**PARTS, "others_movement": {"k_rank": -1}, **of_yesterday}
    found = ranking_of("k_rank", month(5, 8, board_state), movement)
    assert (found["status"], found["own_movement"]) == (status, 2 if status == "explained" else None)
    assert ("is being replaced" in found["words"]) == (status == "being_replaced")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ab", ("ab", "ac")),
        (" @Ab", ("ab", "ac")),
        ("z\N{LATIN SMALL LETTER SHARP S}", ("zß", "zà")),
        ("a\U0010ffff", ("a\U0010ffff", "b")),
        ("\ud7ff", ("\ud7ff", "\ue000")),
        ("a" * 70, ("a" * 60, "a" * 59 + "b")),
    ],
)
def test_a_search_reaches_to_the_first_text_that_does_not_begin_so(text: str, expected: tuple[str, str]) -> None:
    assert bounds(text) == expected
    low, high = expected
    assert low.encode() <= (low + "x").encode() < high.encode()
