"""Values of answers: what makes no sense stays absent, and nothing absent becomes 0."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from stir.collector.reading import count, duration, moment


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("3331930783", 3_331_930_783),
        (0, 0),
        (12.0, 12),
        ("", None),
        ("-1", None),
        (-1, None),
        (True, None),
        (0.37, None),
        ("1,234", None),
        ("٣", None),
        (None, None),
        (10**30, None),
    ],
)
def test_a_counter_is_a_whole_number_or_absent(value: object, number: int | None) -> None:
    assert count(value) == number


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("P0D", timedelta(0)),
        ("PT0S", timedelta(0)),
        ("P1DT2H3S", timedelta(days=1, hours=2, seconds=3)),
        ("PT1H19M18S", timedelta(hours=1, minutes=19, seconds=18)),
        ("P", None),
        ("1:20", None),
        (None, None),
    ],
)
def test_a_length_has_days_hours_minutes_and_seconds(text: object, length: timedelta | None) -> None:
    assert duration(text) == length


@pytest.mark.parametrize(
    "text",
    ["2021-10-22T14:00:39+0000", "2021-10-22T14:00:39Z", "2021-10-22T14:00:39.000Z", "2021-10-22T16:00:39+02:00"],
)
def test_a_moment_is_read_in_every_spelling_of_the_platforms(text: str) -> None:
    assert moment(text) == datetime(2021, 10, 22, 14, 0, 39, tzinfo=UTC)


def test_what_is_no_moment_is_absent() -> None:
    assert [moment(value) for value in ("yesterday", "", None, 5)] == [None] * 4
