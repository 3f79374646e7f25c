"""Lists by their share links: what everybody with the link sees, what nobody sees, and links that were closed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from xml.etree import ElementTree

import polars
import pytest
from fastapi.testclient import TestClient
from psycopg.rows import dict_row

from stir import connections
from stir.app.api.exports import PARQUET
from stir.app.api.shared import DAYS, LISTS, POSTS
from stir.publish import SPECS, publish
from stir.settings import Settings

SECRET = 987_654_321_987
"""What the planted lists cost and brought: a number that no other column has."""
OPERATORS_ONLY = {
    column.name for column in SPECS["collection"].columns if column.comment.startswith("Operators only:")
} | {"tracked_clicks", "manual_clicks", "campaign_profile_id", "share_id", "collection_id", "collection_source"}
REPRESENTATIONS = ("", "/posts", "/series", "/posts.csv", "/series.csv", "/posts.parquet", "/series.parquet")
UNKNOWN = "0123456789"


@dataclass(frozen=True)
class Links:
    """Ids of four links: of a list that is left alone, one that hides metrics, one that is closed, one of no list."""

    whole: str
    hiding: str
    closed: str
    deleted: str


@pytest.fixture(scope="module")
def links(published: Settings, site: TestClient) -> Iterator[Links]:
    """Customers change three of the largest lists, which all are published again; at the end they are as before."""
    spec = SPECS["collection"]
    query = "select share_id from collection where share_id is not null and length(share_id) = %s"
    with connections.postgres(published, role="reader") as connection:
        rows = connection.execute(f"{query} order by youtube_posts desc, posts desc limit 4", [len(UNKNOWN)]).fetchall()
    found = Links(*(str(row[0]) for row in rows))
    for link in vars(found).values():
        assert site.get(f"/lists/{link}").status_code == site.get(f"/api/v1/collections/{link}").status_code == 200
    bill = ", ".join(
        f"{name} = {SECRET}" for name in sorted(OPERATORS_ONLY & {"budget", "cost", "clicks", "partner_id"})
    )
    mart = f"{published.clickhouse_database}.{spec.mart}"
    with connections.clickhouse(published) as client:
        client.command(f"create table {mart}_copy as {mart}")
        client.command(f"insert into {mart}_copy select * from {mart}")
        for change in (
            f"update {bill}, overall_orders = {SECRET} where 1",
            f"update disabled_metrics = ['Likes', 'REACH'] where share_id = '{found.hiding}'",
            f"update share_id = null where share_id = '{found.closed}'",
            f"delete where share_id = '{found.deleted}'",
        ):
            client.command(f"alter table {mart} {change}", settings={"mutations_sync": 2})
        try:
            publish(published, spec)
            yield found
        finally:
            client.command(f"truncate table {mart}")
            client.command(f"insert into {mart} select * from {mart}_copy")
            client.command(f"drop table {mart}_copy")
            publish(published, spec)


def rows(settings: Settings, query: str, *values: str) -> list[dict[str, Any]]:
    with connections.postgres(settings, role="reader") as connection:
        return connection.cursor(row_factory=dict_row).execute(query.encode(), values).fetchall()


def names_of(site: TestClient, path: str) -> set[str]:
    """Every name of a column in an answer."""
    answer = site.get(path)

    def keys(value: Any) -> set[str]:
        if isinstance(value, dict):
            return set(value) | {name for one in value.values() for name in keys(one)}
        return {name for one in value for name in keys(one)} if isinstance(value, list) else set()

    kind = answer.headers["content-type"]
    if kind == PARQUET:
        return set(polars.read_parquet(io.BytesIO(answer.content)).columns)
    if kind.startswith("text/csv"):
        return set(next(csv.reader(io.StringIO(answer.text, newline=""))))
    return keys(answer.json()["data"])


@pytest.mark.parametrize("path", ["/lists/{}", *(f"/api/v1/collections/{{}}{name}" for name in REPRESENTATIONS)])
def test_a_link_that_was_closed_looks_like_one_that_never_was(
    site: TestClient, links: Links, published: Settings, path: str
) -> None:
    assert rows(published, f"select 1 from {POSTS} where share_id = %s", links.closed), "the trap is not there"

    def seen(link: str) -> tuple[int, str, dict[str, str]]:
        # Compressed, the random id of the request changes the length.
        answer = site.get(path.format(link), headers={"Accept-Encoding": "identity"})
        changing = ("x-request", "ratelimit", "x-ratelimit")
        own = {name: value for name, value in answer.headers.items() if not name.startswith(changing)}
        words = answer.text.replace(link, "LINK").replace(answer.headers["x-request-id"], "REQUEST")
        return answer.status_code, words, own

    expected = seen(UNKNOWN)
    assert expected[0] == 404
    assert expected[2]["cache-control"] == "private, no-store"
    assert seen(links.closed) == seen(links.deleted) == expected


def test_the_totals_and_days_are_those_of_the_published_tables(
    site: TestClient, links: Links, published: Settings
) -> None:
    answer = site.get(f"/api/v1/collections/{links.whole}")
    assert answer.headers["cache-control"] == "private, no-store"
    assert "etag" not in answer.headers
    body = answer.json()
    assert body["generations"].keys() == {LISTS, DAYS, POSTS}
    data = body["data"]
    (own,) = rows(published, f"select * from {LISTS} where share_id = %s", links.whole)
    assert data["totals"] == {name: own[name] for name in data["totals"]}
    assert {"likes", "reach", "reach_is_estimated", "posts"} <= data["totals"].keys()
    days = rows(published, f"select * from {DAYS} where share_id = %s order by date, platform", links.whole)
    assert days
    given = sorted(data["days"], key=lambda day: (day["date"], day["platform"]))
    assert [{**day, "date": date.fromisoformat(day["date"])} for day in given] == [
        {name: day[name] for name in given[0]} for day in days
    ]
    assert len(data["posts"]) == own["posts"]
    assert site.get(f"/api/v1/collections/{links.whole}/posts").json()["data"] == data["posts"]
    assert site.get(f"/api/v1/collections/{links.whole}/series").json()["data"] == {
        "days": data["days"],
        "gaps": data["gaps"],
    }


@pytest.mark.parametrize("name", REPRESENTATIONS)
def test_no_representation_has_what_only_operators_may_see(site: TestClient, links: Links, name: str) -> None:
    for link in (links.whole, links.hiding):
        answer = site.get(f"/api/v1/collections/{link}{name}", headers={"Authorization": "Bearer nobody"})
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "private, no-store"
        assert names_of(site, f"/api/v1/collections/{link}{name}") & OPERATORS_ONLY == set()
        assert str(SECRET).encode() not in answer.content


@pytest.mark.parametrize("name", REPRESENTATIONS)
def test_a_metric_that_the_customer_hides_is_in_no_representation(site: TestClient, links: Links, name: str) -> None:
    hidden = {"likes", "reach", "reach_is_estimated", "engagement", "engagement_by_reach_ratio"}
    shown = names_of(site, f"/api/v1/collections/{links.hiding}{name}")
    assert shown & hidden == set()
    assert {"comments", "views", "impressions"} <= shown
    assert names_of(site, f"/api/v1/collections/{links.whole}{name}") >= shown | (hidden & {"likes", "reach"})


def test_the_page_shows_what_the_customer_shows(site: TestClient, links: Links) -> None:
    whole, hiding = (site.get(f"/lists/{link}") for link in (links.whole, links.hiding))
    assert whole.headers["cache-control"] == hiding.headers["cache-control"] == "private, no-store"
    for words in ("Engagement", "Likes", "Reach"):
        assert words in whole.text
        assert words not in hiding.text
    assert "Comments" in hiding.text
    assert len(whole.content) < 100_000
    for page in (whole.text, hiding.text):
        assert not [word for word in ("Budget", "Cost", "Orders", "Clicks", str(SECRET)) if word in page]
    assert "estimated" in whole.text


def test_the_curve_has_gaps_and_is_dashed_where_counters_are_carried_on(site: TestClient, links: Links) -> None:
    page = site.get(f"/lists/{links.whole}").text
    picture = page[page.index('<svg class="chart"') :].partition("</svg>")[0] + "</svg>"
    groups = ElementTree.fromstring(picture).findall("g")  # noqa: S314 - our own answer
    days = site.get(f"/api/v1/collections/{links.whole}/series").json()["data"]["days"]
    for group in groups:
        platform = (group.findtext("title") or "").upper()
        own = [day for day in days if day["platform"] == platform]
        known = {date.fromisoformat(day["date"]): day for day in own if day["engagement"] is not None}
        steps = {True: 0, False: 0}
        for day, row in known.items():
            if day - timedelta(days=1) in known:
                steps[row["imputed_posts"] > 0] += 1
        drawn = {True: 0, False: 0}
        for line in group.findall("polyline"):
            drawn["running" in str(line.get("class"))] += len(str(line.get("points")).split()) - 1
        assert drawn == steps
    assert {(group.findtext("title") or "").upper() for group in groups} == {day["platform"] for day in days}
