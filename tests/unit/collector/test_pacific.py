"""The day of Google's quotas."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from stir.collector.pacific import next_midnight


@pytest.mark.parametrize(
    ("moment", "midnight"),
    [
        ("2026-03-08T07:59:59+00:00", "2026-03-08T08:00:00+00:00"),
        ("2026-03-08T08:00:00+00:00", "2026-03-09T07:00:00+00:00"),
        ("2026-11-01T06:59:59+00:00", "2026-11-01T07:00:00+00:00"),
        ("2026-11-01T07:00:00+00:00", "2026-11-02T08:00:00+00:00"),
        ("2026-06-15T12:00:00+02:00", "2026-06-16T07:00:00+00:00"),
    ],
    ids=["before the short day", "short day", "before the long day", "long day", "another time zone"],
)
def test_a_quota_opens_again_at_midnight_in_california(moment: str, midnight: str) -> None:
    assert next_midnight(datetime.fromisoformat(moment)) == datetime.fromisoformat(midnight)


@pytest.mark.parametrize(("day", "hours"), [("2026-03-08", 23), ("2026-11-01", 25), ("2026-06-15", 24)])
def test_two_days_of_a_year_have_another_length(day: str, hours: int) -> None:
    begin = next_midnight(datetime.fromisoformat(f"{day}T00:00:00+00:00"))

    assert next_midnight(begin) - begin == timedelta(hours=hours)
