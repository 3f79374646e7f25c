"""Drawn questions about boards, answered as direct SQL does: dozens in the suite, 10,000 with --long."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from stir import connections
from stir.app.api.parameters import COMPLETE_TO, METRICS_OF
from stir.settings import Settings

BOARDS = "/api/v1/leaderboards"
SHORT, LONG = 20, 10_000
SUFFIXES = {"category": "cat", "language": "lang", "profile_type": "profile"}
EXPECTED = b"""
    select platform_id, followers,
        (current_month_ranks ->> %(dimension)s)::int, (last_month_ranks ->> %(dimension)s)::int
    from leaderboard
    where platform = %(board)s and month = coalesce(
            %(month)s::date, (select max(month) from leaderboard where platform = %(board)s)
        )
        and (current_month_ranks ->> %(dimension)s)::int <= %(complete_to)s
        and (%(category)s::text is null or category = %(category)s)
        and (%(language)s::text is null or language = %(language)s)
        and (%(profile_type)s::text is null or coalesce(profile_type, 'CREATOR') = %(profile_type)s)
        and (%(country)s::text is null or country = %(country)s)
        and (%(q)s::text is null or starts_with(lower(handle), %(q)s) or starts_with(lower(name), %(q)s))
    order by (current_month_ranks ->> %(dimension)s)::int
"""


def listed(site: TestClient, board: str, limit: int, asked: dict[str, Any]) -> list[tuple[Any, ...]]:
    """All pages of a listing; each is of the generation of the first, and goes on after the page before."""
    rows: list[tuple[Any, ...]] = []
    cursor, generation = None, None
    while True:
        answer = site.get(
            f"{BOARDS}/{board}", params={**asked, "limit": limit, **({"cursor": cursor} if cursor else {})}
        )
        if answer.status_code in (400, 404):  # no creator of this month has the value, which the answer says
            assert not rows
            return []
        assert answer.status_code == 200, answer.text
        body = answer.json()
        generation = generation or body["generations"]
        assert body["generations"] == generation
        page = [(row["platform_id"], row["followers"], row["rank"], row["previous_rank"]) for row in body["data"]]
        assert not rows or page[0][2] > rows[-1][2], f"the page begins at or before place {rows[-1][2]}: {answer.url}"
        rows += page
        cursor = body["page"]["next"]
        if not cursor:
            return rows


@pytest.mark.parametrize("filters", [{}, {"q": "a"}, {"q": "a", "profile_type": "CREATOR"}])
@pytest.mark.parametrize("board", METRICS_OF)
def test_a_listing_goes_on_from_page_to_page_and_ends(site: TestClient, board: str, filters: dict[str, Any]) -> None:
    rows = listed(site, board, 5, filters)
    assert len(rows) > 5
    assert rows == listed(site, board, 100, filters)


def test_a_board_is_what_direct_sql_gives(
    site: TestClient, published: Settings, request: pytest.FixtureRequest
) -> None:
    known = {board: site.get(f"{BOARDS}/{board}/values").json()["data"] for board in METRICS_OF}
    with connections.postgres(published, role="reader", autocommit=True) as reader:

        @hypothesis_settings(
            max_examples=LONG if request.config.getoption("--long") else SHORT,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(data=st.data())
        def ask(data: st.DataObject) -> None:
            board = data.draw(st.sampled_from(sorted(METRICS_OF)))
            metric = data.draw(st.sampled_from(METRICS_OF[board]))
            limit = data.draw(st.integers(20, 100))
            asked = {
                name: data.draw(st.none() | st.sampled_from(known[board][name]))
                for name in ("month", "category", "language", "country")
            }
            asked["profile_type"] = data.draw(st.none() | st.sampled_from(["CREATOR", "BRAND"]))
            asked["q"] = data.draw(st.none() | st.sampled_from(["a", "ra", "The", "zz", "%", "_"]))
            dimension = f"{metric}_rank"
            within = "".join(f"_{short}" for name, short in SUFFIXES.items() if asked[name])
            dimension += f"_by{within}" if within else ""
            values = {
                **asked,
                "board": board,
                "dimension": dimension,
                "complete_to": COMPLETE_TO,
                "month": f"{asked['month']}-01" if asked["month"] else None,
                "q": asked["q"].lower() if asked["q"] else None,
            }
            given_ = {name: value for name, value in {**asked, "metric": metric}.items() if value}
            assert listed(site, board, limit, given_) == reader.execute(EXPECTED, values).fetchall()

        ask()
