"""The parameters of a world: what they mean and what they refuse."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from stir.errors import StirError
from stir.world import WorldParameters, midnight

END = datetime(2026, 6, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("creators", 0),
        ("creators", -5),
        ("creators", 2_000_001),
        ("days", 0),
        ("days", 1_501),
        ("seed", -1),
        ("seed", 2**63),
        ("end", datetime(1999, 1, 1, tzinfo=UTC)),
        ("end", datetime(2100, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_value_out_of_bounds_is_refused_in_one_line_that_names_it(name: str, value: object) -> None:
    with pytest.raises(StirError) as caught:
        WorldParameters(**{"end": END, name: value})  # type: ignore[arg-type]
    assert name in caught.value.line
    assert "give" in caught.value.line
    assert "\n" not in caught.value.line


def test_the_world_starts_its_days_before_its_end() -> None:
    assert WorldParameters(days=90, end=END).start == END - timedelta(days=90)


def test_an_end_without_a_zone_is_utc_and_other_zones_are_converted() -> None:
    india = timezone(timedelta(hours=5, minutes=30))
    assert WorldParameters(end=datetime(2026, 6, 15)).end == END
    assert WorldParameters(end=datetime(2026, 6, 15, 5, 30, tzinfo=india)).end == END


def test_microseconds_of_the_end_are_dropped_so_that_equal_parameters_are_equal() -> None:
    assert WorldParameters(end=END.replace(microsecond=7)) == WorldParameters(end=END)


def test_midnight_is_the_last_one_by_the_given_clock_in_utc() -> None:
    late_in_india = datetime(2026, 6, 16, 3, 0, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert midnight(lambda: late_in_india) == END
    assert midnight(lambda: END) == END
