"""What `stir world advance` says of a world that runs ahead of the clock."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from stir.cli.world import beyond_now

CLOCK = datetime(2026, 6, 15, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("end", "as_of", "named"),
    [
        (datetime(2026, 6, 15, 12, tzinfo=UTC), None, None),
        (datetime(2026, 6, 16, tzinfo=UTC), None, "now (2026-06-15 12:00 UTC)"),
        (datetime(2026, 6, 16, tzinfo=UTC), "2026-06-16T00:00:00", None),
        (datetime(2026, 6, 16, tzinfo=UTC), "2026-06-15T23:00:00+00:00", "STIR_AS_OF (2026-06-15 23:00 UTC)"),
    ],
)
def test_a_world_that_ends_after_now_is_reported_with_what_to_do(
    end: datetime, as_of: str | None, named: str | None
) -> None:
    said = beyond_now(end, as_of, CLOCK)
    assert bool(said) == (named is not None)
    if named:
        assert f"ends after {named}" in said
        assert said.endswith("set STIR_AS_OF=2026-06-16T00:00:00Z")
