"""The API over the published world: what it answers, equal to direct SQL; what it refuses, and how."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any
from xml.etree import ElementTree

import polars
import psycopg
import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from pydantic import BaseModel

from stir import connections
from stir.app.api import schemas
from stir.app.api.exports import PARQUET
from stir.app.api.problems import MEDIA_TYPE
from stir.app.reading.pool import refuse_a_writer
from stir.errors import StirError
from stir.settings import Settings

from .asking import ask

BOARDS = "/api/v1/leaderboards"


def one(settings: Settings, query: str) -> Any:
    with connections.postgres(settings, role="reader") as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def drawn(picture: str) -> ElementTree.Element:
    return ElementTree.fromstring(picture)  # noqa: S314 - our own answer


def test_every_route_answers_in_the_shape_that_it_declares(
    site: TestClient, creator: str, share: str, published: Settings
) -> None:
    channel = one(published, "select min(platform_id) from social_profile_time_series where platform = 'YOUTUBE'")
    genre = one(published, "select category from trending_content where platform = 'YOUTUBE' limit 1")
    routes: dict[str, type[BaseModel]] = {
        f"{BOARDS}/INSTAGRAM": schemas.BoardPage,
        f"{BOARDS}/YOUTUBE?metric=views": schemas.BoardPage,
        f"{BOARDS}/ALL?profile_type=BRAND": schemas.BoardPage,
        f"{BOARDS}/INSTAGRAM/movers?direction=down": schemas.Movers,
        f"{BOARDS}/ALL/values": schemas.BoardValues,
        f"/api/v1/creators/INSTAGRAM/{creator}": schemas.CreatorAnswer,
        f"/api/v1/creators/YOUTUBE/{channel}": schemas.CreatorAnswer,
        f"/api/v1/creators/INSTAGRAM/{creator}?include=grades,audience": schemas.CreatorAnswer,
        f"/api/v1/creators/INSTAGRAM/{creator}/why?metric=views&board=ALL": schemas.Why,
        "/api/v1/creators?q=a&country=IN": schemas.Found,
        f"/api/v1/creators/INSTAGRAM/{creator}/series?interval=month": schemas.SeriesAnswer,
        f"/api/v1/creators/INSTAGRAM/{creator}/ranks?metric=views&board=ALL": schemas.Ranks,
        f"/api/v1/compare?ids=IA:{creator},YA:{channel}": schemas.Comparison,
        f"/api/v1/trending?platform=YOUTUBE&category={genre}": schemas.Trending,
        "/api/v1/genres": schemas.Genres,
        f"/api/v1/genres/{genre}?platform=YOUTUBE": schemas.Genres,
        f"/api/v1/collections/{share}": schemas.SharedList,
        f"/api/v1/collections/{share}/posts": schemas.SharedPosts,
        f"/api/v1/collections/{share}/series": schemas.SharedSeries,
        "/api/v1/freshness": schemas.Freshness,
        "/api/v1/definitions": schemas.Definitions,
        "/api/v1/definitions/leaderboard": schemas.Definitions,
    }
    for route, shape in routes.items():
        answer = site.get(route)
        assert answer.status_code == 200, (route, answer.text)
        shape.model_validate_json(answer.content)
        assert answer.headers["x-request-id"]
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_an_answer_names_the_generation_of_each_table_that_it_shows(site: TestClient, creator: str) -> None:
    found = ask(site, f"/api/v1/creators/INSTAGRAM/{creator}", include="series,hashtags")["generations"]
    assert found.keys() == {"creator", "leaderboard", "social_profile_time_series", "social_profile_hashtags"}
    assert all(entry["generation"] >= 1 and not entry["superseded"] for entry in found.values())


@pytest.mark.parametrize("by_accept", [False, True])
def test_the_files_of_a_board_are_its_whole_list(site: TestClient, by_accept: bool) -> None:
    def file(form: str, media_type: str) -> Response:
        if by_accept:
            headers = {"accept": f"{media_type}, application/json;q=0.1"}
            return site.get(f"{BOARDS}/INSTAGRAM", params={"country": "IN", "limit": 2}, headers=headers)
        return site.get(f"{BOARDS}/INSTAGRAM.{form}", params={"country": "IN"})

    text, parquet = file("csv", "text/csv"), file("parquet", PARQUET)
    assert text.headers["content-type"].startswith("text/csv")
    assert parquet.headers["content-type"] == PARQUET
    rows = list(csv.DictReader(io.StringIO(text.text, newline="")))
    frame = polars.read_parquet(io.BytesIO(parquet.content))
    listed = ask(site, f"{BOARDS}/INSTAGRAM", country="IN", limit=100)
    assert [row["platform_id"] for row in rows][:100] == [row["platform_id"] for row in listed["data"]]
    assert {row["country"] for row in rows} == {"IN"}
    assert frame["platform_id"].to_list() == [row["platform_id"] for row in rows]
    assert frame.columns == list(rows[0])
    first = {name: str(value) if isinstance(value, date) else value for name, value in frame.row(0, named=True).items()}
    assert first == listed["data"][0]
    generation = f"leaderboard={listed['generations']['leaderboard']['generation']}"
    assert text.headers["stir-generations"] == parquet.headers["stir-generations"] == generation
    assert text.headers["etag"] != parquet.headers["etag"]


def test_the_files_of_a_series_have_its_periods(site: TestClient, creator: str) -> None:
    path = f"/api/v1/creators/INSTAGRAM/{creator}/series"
    periods = ask(site, path)["data"]["periods"]
    frame = polars.read_parquet(io.BytesIO(site.get(f"{path}.parquet").content))
    rows = list(csv.DictReader(io.StringIO(site.get(f"{path}.csv").text, newline="")))
    assert frame["followers"].to_list() == [period["followers"] for period in periods]
    assert [row["date"] for row in rows] == [period["date"] for period in periods]


def test_a_format_that_there_is_not_is_406(site: TestClient) -> None:
    for path in (f"{BOARDS}/INSTAGRAM", "/api/v1/genres", "/api/v1/freshness", "/api/v1/definitions"):
        answer = site.get(path, headers={"accept": "image/png"})
        assert (answer.status_code, answer.headers["content-type"]) == (406, MEDIA_TYPE)
    assert site.get(f"{BOARDS}/INSTAGRAM.xlsx").json()["errors"][0]["allowed"] == ["csv", "parquet"]


@pytest.mark.parametrize("theme", ["auto", "light", "dark"])
def test_a_picture_shows_what_the_board_lists_and_runs_nothing(site: TestClient, theme: str) -> None:
    answer = site.get("/embed/boards/INSTAGRAM.svg", params={"theme": theme, "limit": 5})
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    said = " ".join(drawn(answer.text).itertext())
    listed = ask(site, f"{BOARDS}/INSTAGRAM", limit=5)
    assert all((row["name"] or row["handle"])[:10] in said for row in listed["data"])
    assert f"leaderboard {listed['generations']['leaderboard']['generation']}" in said
    assert not [word for word in ("script", "href", "onload") if word in answer.text]
    assert ("prefers-color-scheme" in answer.text) == (theme == "auto")
    again = site.get(answer.url, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.headers["content-security-policy"]) == (
        304,
        answer.headers["content-security-policy"],
    )


def test_a_picture_of_growth_is_a_chart_and_a_missing_one_says_so(site: TestClient, creator: str) -> None:
    chart = drawn(site.get(f"/embed/creators/INSTAGRAM/{creator}.svg").text)
    assert [line for line in chart.iter() if line.tag.endswith("polyline")]
    missing = site.get("/embed/creators/INSTAGRAM/nobody.svg")
    assert missing.status_code == 404
    assert "'nobody' is published" in " ".join(drawn(missing.text).itertext())
    assert site.get("/embed/boards/INSTAGRAM.svg?theme=pink").headers["content-type"].startswith("image/svg+xml")


def test_movement_is_the_difference_of_the_ranks(site: TestClient) -> None:
    rows = ask(site, f"{BOARDS}/INSTAGRAM", limit=100)["data"]
    assert any(row["movement"] for row in rows)
    for row in rows:
        before = row["previous_rank"]
        assert row["movement"] == (None if before is None else before - row["rank"])
    climbed = [row["movement"] for row in ask(site, f"{BOARDS}/INSTAGRAM/movers")["data"]]
    assert climbed
    assert climbed == sorted(climbed, reverse=True)
    assert all(row["movement"] < 0 for row in ask(site, f"{BOARDS}/INSTAGRAM/movers", direction="down")["data"])


def test_a_search_finds_by_the_beginning_of_a_handle_in_any_case(site: TestClient) -> None:
    first = next(row for row in ask(site, f"{BOARDS}/INSTAGRAM")["data"] if row["handle"])
    found = ask(site, f"{BOARDS}/INSTAGRAM", q=first["handle"][:6].upper())["data"]
    assert first["platform_id"] in {row["platform_id"] for row in found}
    assert ask(site, f"{BOARDS}/INSTAGRAM", q="nobody has this name")["data"] == []


def test_what_the_client_has_is_answered_by_304(site: TestClient) -> None:
    first = site.get(f"{BOARDS}/ALL")
    assert first.headers["cache-control"] == "public, no-cache"
    again = site.get(f"{BOARDS}/ALL", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = site.get(f"{BOARDS}/ALL?limit=2", headers={"If-None-Match": first.headers["etag"]})
    assert other.status_code == 200


def test_the_application_connects_as_one_who_cannot_write(published: Settings) -> None:
    refuse_a_writer(published)
    with connections.postgres(published, role="reader") as connection, pytest.raises(psycopg.Error):
        connection.execute("delete from leaderboard")
    writer = published.model_copy(update={"postgres_reader_url": published.postgres_url})
    with pytest.raises(StirError, match="may write to"):
        refuse_a_writer(writer)


def test_freshness_goes_by_the_age_of_the_data(site: TestClient, published: Settings) -> None:
    found = {table["table"]: table for table in ask(site, "/api/v1/freshness")["data"]["tables"]}
    newest = one(
        published,
        "select watermark from stir.generation where table_name = 'leaderboard' order by generation desc limit 1",
    )
    assert found["leaderboard"]["watermark"][:16] == newest.isoformat()[:16]
    assert found["leaderboard"]["promised"]["data_within_hours"] > 0
    assert site.get("/healthz").json() == {"status": "ok"}


def test_the_openapi_document_declares_what_routes_answer(site: TestClient) -> None:
    document = ask(site, "/api/v1/openapi.json")
    for path, operations in document["paths"].items():
        also = {"401"} if "/operate/" in path else {"200", "304"}
        for operation in operations.values():
            responses = operation["responses"]
            assert {"400", "404", "406", "429", "503", *also} <= responses.keys(), path
            assert "422" not in responses
    assert "ProblemBody" in document["components"]["schemas"]


@pytest.mark.parametrize(
    "path", [f"{BOARDS}/INSTAGRAM?limit=3", "/boards/INSTAGRAM", "/boards/INSTAGRAM?category=Beuaty"]
)
def test_head_says_what_get_says_without_the_body(site: TestClient, path: str) -> None:
    whole, head = site.get(path), site.head(path)
    assert (head.status_code, head.content) == (whole.status_code, b"")
    names = ("content-type", "content-length", "etag", "vary")
    if whole.status_code == 200:  # an error's id, and so its length, is another one each time
        assert [head.headers.get(name) for name in names] == [whole.headers.get(name) for name in names]


def test_an_answer_that_is_given_again_is_the_same_packed_and_unpacked(site: TestClient) -> None:
    path = f"{BOARDS}/YOUTUBE?limit=37"
    first, again = site.get(path), site.get(path)
    plain = site.get(path, headers={"Accept-Encoding": "identity"})
    assert first.content == again.content == plain.content
    assert (again.headers["content-encoding"], plain.headers.get("content-encoding")) == ("gzip", None)
    assert first.headers["etag"] == again.headers["etag"] == plain.headers["etag"]
    strong = first.headers["etag"].removeprefix("W/")
    for tags, status in ((f'"x", {strong}', 304), ('"x"', 200), (f'{first.headers["etag"]}, "y"', 304)):
        assert site.get(path, headers={"If-None-Match": tags}).status_code == status
    refused = site.get(path, headers={"Accept": "application/xml"})
    assert refused.status_code == 406, "what was answered before is asked for in another form"


def test_a_parameter_that_is_given_twice_is_refused(site: TestClient) -> None:
    for path in (f"{BOARDS}/INSTAGRAM", "/boards/INSTAGRAM"):
        answer = site.get(f"{path}?limit=2&limit=3")
        assert answer.status_code == 400
        assert "limit is given twice" in answer.text.lower()
