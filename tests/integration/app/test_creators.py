"""Creators in the API: found by name, whole by id, and why their ranks moved; equal to direct SQL."""

from __future__ import annotations

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient
from psycopg import sql

from stir import connections
from stir.app.api import accounts, schemas
from stir.app.api.parameters import INCLUDES
from stir.app.api.search import wanted
from stir.app.api.why import PARTS
from stir.app.reading.statement import Part, compose, numbered
from stir.app.web.numbers import places
from stir.publish import SPECS, publish
from stir.settings import Settings

from .asking import ask

CREATORS = "/api/v1/creators"


def rows(settings: Settings, query: str, *values: Any) -> list[tuple[Any, ...]]:
    with connections.postgres(settings, role="reader") as connection:
        return connection.execute(query.encode(), values).fetchall()


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("a", {}),
        ("I", {"country": "IN"}),
        ("@a", {"platform": "YOUTUBE", "language": "hi"}),
        ("the", {"category": "Gaming"}),
        ("%", {}),
    ],
)
def test_a_search_lists_what_direct_sql_finds_page_by_page(
    site: TestClient, published: Settings, text: str, more: dict[str, str]
) -> None:
    start = text.removeprefix("@").lower()
    where = "".join(f" and {name} = %s" for name in more)
    expected = rows(
        published,
        "select platform, platform_id, followers from creator"
        f" where (starts_with(handle_lower, %s) or starts_with(name_lower, %s)){where}"
        " order by followers desc nulls last, platform, platform_id",
        start,
        start,
        *more.values(),
    )
    found: list[tuple[Any, ...]] = []
    cursor: str | None = ""
    while cursor is not None:
        page = ask(site, CREATORS, q=text, limit=7, **more, **({"cursor": cursor} if cursor else {}))
        schemas.Found.model_validate(page)
        found += [(row["platform"], row["platform_id"], row["followers"]) for row in page["data"]]
        cursor = page["page"]["next"]
    assert found == expected
    assert bool(expected) == (text != "%"), "the question has an answer"


def test_an_account_without_a_name_is_found_by_its_id(site: TestClient, published: Settings) -> None:
    nameless = rows(published, "select platform, platform_id from creator where is_known_by_series_only")
    assert nameless
    for platform, platform_id in nameless:
        found = ask(site, CREATORS, q=platform_id)["data"]
        assert (platform, platform_id) in {(row["platform"], row["platform_id"]) for row in found}


def test_a_search_ends_in_the_generation_that_it_began_in_and_is_410_once_that_is_gone(
    site: TestClient, published: Settings
) -> None:
    spec = next(each for each in SPECS.values() if each.table == "creator")
    asked: dict[str, Any] = {"q": "a", "limit": 3}
    begun = ask(site, CREATORS, **asked)
    expected = ask(site, CREATORS, q="a", limit=6)["data"]
    publish(published, spec, force=True)
    following = asked | {"cursor": begun["page"]["next"]}
    after = ask(site, CREATORS, **following)
    number = begun["generations"]["creator"]["generation"]
    assert (after["generations"]["creator"]["generation"], after["generations"]["creator"]["superseded"]) == (
        number,
        True,
    )
    assert begun["data"] + after["data"] == expected
    [(stored,)] = rows(
        published, "select stored_as from stir.generation where table_name = 'creator' and generation = %s", number
    )
    with connections.postgres(published, role="admin", autocommit=True) as admin:  # as the cleanup of a publish does
        admin.execute(sql.SQL("drop table stir.{}").format(sql.Identifier(stored)))
    gone = site.get(CREATORS, params=following)
    assert (gone.status_code, gone.json()["type"]) == (410, "urn:stir:problem:generation-gone")
    again = site.get(gone.json()["restart"]).json()
    assert again["data"] == begun["data"]
    assert again["generations"]["creator"]["generation"] == number + 1


def test_a_cursor_of_another_search_is_refused(site: TestClient) -> None:
    cursor = ask(site, CREATORS, q="a", limit=1)["page"]["next"]
    assert site.get(CREATORS, params={"q": "b", "limit": 1, "cursor": cursor}).status_code == 400
    assert site.get(CREATORS).json()["errors"][0]["parameter"] == "q"


@pytest.mark.parametrize(
    ("parts", "indexes"),
    [
        ([Part("rows", "search", accounts.CREATOR)], {"creator_by_handle", "creator_by_name"}),
        ([Part("rows", "like", accounts.CREATOR)], {"creator_by_grams"}),
        (accounts.parts_of(INCLUDES, accounts.WHY), {"rank_movement_pkey"}),
    ],
)
def test_every_table_of_an_answer_is_read_by_an_index(
    published: Settings, parts: list[Part], indexes: set[str]
) -> None:
    parameters = accounts.account(
        "INSTAGRAM", "1", platforms=["INSTAGRAM", "YOUTUBE"], after=0, limit=5,
        category=None, language=None, country=None, **wanted("ra"),
    )  # fmt: skip
    with connections.postgres(published, role="reader") as connection:
        # A table of a few hundred rows is read faster as a whole, so the question is whether an index would serve.
        connection.execute("set enable_seqscan = off")
        asked = compose(parts, [[a_column(part)] for part in parts], parameters).as_string(connection)
        lines = connection.execute(f"explain (generic_plan) {numbered(asked)[0]}".encode())
        plan = "\n".join(line for (line,) in lines)
    read = {part.table for part in parts}
    assert not [table for table in read if f"Seq Scan on {table} " in plan], plan
    assert not [index for index in indexes if index.removeprefix("creator_") not in plan and index not in plan], plan


def a_column(part: Part) -> str:
    """A column that the rows of a part have."""
    return {"months": "month", "who": "handle", "weeks": "date", "hashtags": "hashtags", "group": "group_key"}.get(
        part.name, {"posts": "short_code", "audience": "male_ratio", "movement": "month"}.get(part.name, "platform")
    )


def test_a_creator_is_whole_and_says_the_generation_of_each_table(site: TestClient, published: Settings) -> None:
    (platform_id,) = rows(
        published,
        "select platform_id from creator join creator_audience using (platform, platform_id)"
        " where platform = 'INSTAGRAM' and linked_platform_id is not null and platform_id in"
        " (select platform_id from rank_movement) order by followers desc nulls last limit 1",
    )[0]
    whole = ask(site, f"{CREATORS}/INSTAGRAM/{platform_id}")
    schemas.CreatorAnswer.model_validate(whole)
    assert whole["generations"].keys() == set(accounts.tables_of(accounts.parts_of(INCLUDES)))
    data = whole["data"]
    (known,) = rows(
        published,
        "select handle, name, followers, linked_platform_id, metrics from creator"
        " where platform = 'INSTAGRAM' and platform_id = %s",
        platform_id,
    )
    said = data["profile"]
    assert (said["handle"], said["name"], said["followers"], data["linked"]["platform_id"]) == known[:4]
    assert {one["metric"]: one["value"] for one in data["grades"]["metrics"]} == known[4]
    for name in ("newest", "best"):
        expected = rows(
            published,
            f"select short_code from creator_post where platform = 'INSTAGRAM' and platform_id = %s"
            f" and {name}_place is not null order by {name}_place",
            platform_id,
        )
        assert [(post["short_code"],) for post in data["posts"][name]] == expected
        assert 0 < len(expected) <= 12


def test_include_reads_no_table_that_nobody_asked_for(site: TestClient, published: Settings) -> None:
    ((platform_id,),) = rows(published, "select platform_id from creator where platform = 'YOUTUBE' limit 1")
    path = f"{CREATORS}/YOUTUBE/{platform_id}"
    some = ask(site, path, include="posts, audience")
    assert some["data"].keys() == {"profile", "linked", "audience", "posts"}
    assert some["generations"].keys() == {"creator", "leaderboard", "creator_audience", "creator_post"}
    refused = site.get(path, params={"include": "grade"})
    assert (refused.status_code, refused.json()["errors"][0]["allowed"][0]) == (400, "grades")


def test_an_account_on_no_board_is_there_and_says_so(site: TestClient, published: Settings) -> None:
    found = rows(
        published,
        "select platform, platform_id from creator where is_known_by_series_only and platform_id not in"
        " (select platform_id from leaderboard)",
    )
    assert found
    for platform, platform_id in found:
        path = f"/creators/{platform}/{platform_id}"
        data = ask(site, f"/api/v1{path}")["data"]
        assert (data["profile"]["is_known_by_series_only"], data["profile"]["is_on_a_board"]) == (True, False)
        page = site.get(path).text
        assert "This account is on no board" in page
        assert "There is no record of the account itself" in page
        assert site.get(f"/api/v1{path}/why").status_code == 404


def test_the_four_parts_add_up_to_the_movement_that_the_board_shows(site: TestClient, published: Settings) -> None:
    known = rows(
        published,
        "select platform_id, to_char(month, 'YYYY-MM'), current_month_ranks, last_month_ranks from leaderboard"
        " where platform = 'INSTAGRAM' and month = (select max(month) from leaderboard) limit 30",
    )
    statuses = set()
    for platform_id, month, now, before in known:
        found = ask(site, f"{CREATORS}/INSTAGRAM/{platform_id}/why", month=month)
        schemas.Why.model_validate(found)
        for one in found["data"]["rankings"]:
            key = one["ranking"]
            assert (one["rank"], one["previous_rank"]) == (now.get(key), before.get(key))
            statuses.add(one["status"])
            if key in now and key in before:
                assert one["status"] == "explained"
                assert sum(one[part] for part in PARTS) == one["movement"] == before[key] - now[key]
            elif key in now:
                assert (one["status"], one["movement"]) == ("new", None)
                assert "New here" in one["words"]
    assert statuses >= {"explained", "new"}


def test_between_two_publishes_no_movement_is_explained_and_the_answer_says_so(
    site: TestClient, published: Settings
) -> None:
    [(platform_id,)] = rows(
        published,
        "select platform_id from rank_movement where platform = 'INSTAGRAM' and month_state <> 'FINAL'"
        " order by month desc, platform_id limit 1",
    )
    path = f"{CREATORS}/INSTAGRAM/{platform_id}/why"
    before = ask(site, path)
    assert "explained" in {one["status"] for one in before["data"]["rankings"]}
    board = f"{published.clickhouse_database}.mart_leaderboard"
    with connections.clickhouse(published) as client:

        def move(hours: int) -> None:
            change = f"update computed_as_of = addHours(computed_as_of, {hours}) where month_state != 'FINAL'"
            client.command(f"alter table {board} {change}", settings={"mutations_sync": 2})
            publish(published, SPECS["leaderboard"], force=True)

        try:
            move(24)  # the boards of a day later, with the ranks of today: every sum still fits
            between = ask(site, path)
            page = site.get(f"/creators/INSTAGRAM/{platform_id}/why").text
        finally:
            move(-24)
    schemas.Why.model_validate(between)
    assert between["data"]["is_being_replaced"]
    assert between["notes"][0].startswith("replacing: leaderboard and rank_movement")
    assert "explained" not in {one["status"] for one in between["data"]["rankings"]}
    assert "one of them is being replaced" in page
    assert ask(site, path)["data"] == before["data"]


def test_a_creator_that_nobody_knows_is_a_404_on_each_route(site: TestClient) -> None:
    for path in ("", "/why", "/series", "/ranks", "?include=posts"):
        assert site.get(f"{CREATORS}/INSTAGRAM/nobody{path}").status_code == 404, path
    for path in ("", "/why"):
        assert site.get(f"/creators/INSTAGRAM/nobody{path}").status_code == 404, path


def test_a_month_without_a_rank_is_a_404_that_names_the_months(site: TestClient, published: Settings) -> None:
    ((platform_id,),) = rows(published, "select platform_id from leaderboard where platform = 'YOUTUBE' limit 1")
    answer = site.get(f"{CREATORS}/YOUTUBE/{platform_id}/why?month=1999-01")
    assert answer.status_code == 404
    assert "its months are" in answer.json()["detail"]
    assert site.get(f"{CREATORS}/YOUTUBE/{platform_id}/why?board=INSTAGRAM").status_code == 400


def test_the_page_shows_the_four_numbers_under_their_headings(site: TestClient, published: Settings) -> None:
    ((platform_id, month, *parts),) = rows(
        published,
        "select platform_id, to_char(month, 'YYYY-MM'), (rivals_gone ->> 'followers_rank')::int,"
        " (rivals_new ->> 'followers_rank')::int, (own_movement ->> 'followers_rank')::int,"
        " (others_movement ->> 'followers_rank')::int from rank_movement where platform = 'INSTAGRAM'"
        " and (own_movement ->> 'followers_rank')::int not in (0, (rivals_gone ->> 'followers_rank')::int)"
        " and (others_movement ->> 'followers_rank')::int <> 0 order by month desc, platform_id limit 1",
    )
    page = site.get(f"/creators/INSTAGRAM/{platform_id}/why", params={"month": month}).text
    headings = re.findall(r'<a class="meaning" href="/definitions/rank_movement#[^>]+>([^<]+)</a>', page)
    assert headings[-4:] == ["Rivals who left", "New rivals", "Own numbers", "The others moved"]
    row = page.partition('<th scope="row">All</th>')[2].partition("</tr>")[0]
    cells = re.findall(r'<td class="n">([^<]+)</td>', row)
    assert cells[-4:] == [places(part) for part in parts]
    assert cells[-5] == places(sum(parts))
    assert f">{places(sum(parts))}</text>" in page, "the chart ends with the sum"
