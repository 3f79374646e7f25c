"""Cursors, limits, parameters and problems of the application, without a database."""

from __future__ import annotations

import io
import json
import re
from datetime import date, datetime

import polars
import psycopg
import pytest
import yaml
from fastapi import Request
from hypothesis import given
from hypothesis import strategies as st

from stir.app.api import paging
from stir.app.api.answers import envelope
from stir.app.api.creators import gaps
from stir.app.api.exports import CSV, JSON, PARQUET, as_csv, as_parquet, wanted
from stir.app.api.limits import Limits
from stir.app.api.parameters import COMPLETE_TO, METRICS_OF, CompareQuery, Filters
from stir.app.api.problems import Problem, of_database, unknown_value
from stir.app.api.rows import Row
from stir.app.api.shared import hidden_metrics
from stir.app.api.shared_rows import SharedDay, SharedPost, SharedTotals
from stir.app.reading.generations import Generations
from stir.settings import PROJECT_DIR


class Named(Row):
    name: str | None
    followers: int | None


class Dated(Named):
    on: date
    at: datetime | None
    share: float | None


def asking(accept: str) -> Request:
    return Request({"type": "http", "headers": [(b"accept", accept.encode())]})


FILTERS = {"board": "INSTAGRAM", "category": None}


def test_a_cursor_comes_back_as_it_was() -> None:
    cursor = paging.Cursor(12, 50, "2026-05-01")
    assert paging.decode(paging.encode(cursor, FILTERS), FILTERS) == cursor


@given(st.text(max_size=60))
def test_any_other_text_is_refused_as_a_cursor(text: str) -> None:
    with pytest.raises(Problem) as refused:
        paging.decode(text, FILTERS)
    assert (refused.value.status, refused.value.errors[0].parameter) == (400, "cursor")


def test_a_cursor_of_other_filters_is_refused() -> None:
    text = paging.encode(paging.Cursor(1, 50, "2026-05-01"), FILTERS)
    with pytest.raises(Problem, match="other filters"):
        paging.decode(text, {**FILTERS, "category": "Music"})


def test_a_client_gets_its_requests_back_with_time_and_another_has_its_own() -> None:
    now = [0.0]
    limits = Limits(3, clock=lambda: now[0])
    assert [limits.take("a").allowed for _ in range(4)] == [True, True, True, False]
    assert limits.take("b").allowed
    refused = limits.take("a")
    assert int(refused.headers["Retry-After"]) >= 1
    now[0] += refused.seconds
    assert limits.take("a").allowed
    limits.give_back("a")
    assert limits.take("a").allowed


@pytest.mark.parametrize(
    ("filters", "dimension"),
    [
        ({}, "followers_rank"),
        ({"category": "Music"}, "followers_rank_by_cat"),
        ({"metric": "views", "language": "hi", "profile_type": "BRAND"}, "views_rank_by_lang_profile"),
        ({"category": "Music", "language": "hi", "profile_type": "BRAND"}, "followers_rank_by_cat_lang_profile"),
        ({"country": "IN"}, "followers_rank"),
    ],
)
def test_the_ranking_is_the_smallest_that_the_filters_name(filters: dict[str, str], dimension: str) -> None:
    assert Filters.model_validate(filters).dimension("INSTAGRAM") == dimension


def test_a_board_refuses_a_metric_that_it_does_not_rank_by() -> None:
    with pytest.raises(Problem, match="metric"):
        Filters(metric="plays").dimension("YOUTUBE")


def test_the_rankings_are_those_of_the_boards_and_whole_as_far_as_rows_are_published() -> None:
    macro = next((PROJECT_DIR / "macros").rglob("leaderboard_dimensions.sql")).read_text()
    letters = dict(re.findall(r"'([A-Z]+)': '([A-Z]+)'", macro))
    stems = dict(re.findall(r"'([FCVPE])': '(\w+)_rank'", macro))
    assert {board: tuple(stems[letter] for letter in letters[board]) for board in METRICS_OF} == METRICS_OF
    settings = yaml.safe_load((PROJECT_DIR / "dbt_project.yml").read_text())
    assert settings["vars"]["leaderboard_cut"] == COMPLETE_TO


@pytest.mark.parametrize("month", ["2026", "2026-13", "2026-5", "0000-01", "2026-05-01"])
def test_a_month_is_written_in_one_way(month: str) -> None:
    with pytest.raises(ValueError, match="a month is written YYYY-MM"):
        Filters.model_validate({"month": month})


@pytest.mark.parametrize("ids", ["IA:1", "IA:1,IA:1", "IA:1,XX:2", "IA:1,IA:", ",".join(f"IA:{n}" for n in range(6))])
def test_a_comparison_takes_two_to_five_different_accounts(ids: str) -> None:
    with pytest.raises(ValueError, match=r"account|two to five"):
        CompareQuery(ids=ids)


def test_an_unknown_value_names_the_nearest_first() -> None:
    problem = unknown_value("category", "Musik", ["Beauty", "Music", "Travel"])
    assert problem.errors[0].allowed == ["Music", "Beauty", "Travel"]
    assert "did you mean Music?" in problem.detail


@pytest.mark.parametrize(
    ("disabled", "has_videos", "hidden"),
    [
        ([], True, set()),
        (["likes"], False, {"likes", "engagement", "engagement_by_reach_ratio"}),
        ([" Comments "], False, {"comments", "engagement", "engagement_by_reach_ratio"}),
        (["LIKES", "comments"], False, {"likes", "comments"}),
        (["Reach"], False, {"reach", "reach_is_estimated", "engagement_by_reach_ratio"}),
        (["engagement-rate"], False, {"engagement_by_reach_ratio"}),
        (["engagementByReachRatio"], False, {"engagement_by_reach_ratio"}),
        (["views"], False, {"views"}),
        (["views"], True, {"views", "reach", "reach_is_estimated", "impressions", "engagement_by_reach_ratio"}),
    ],
)
def test_a_hidden_metric_takes_those_with_it_that_tell_it(
    disabled: list[str], has_videos: bool, hidden: set[str]
) -> None:
    fields = {name for shape in (SharedPost, SharedDay, SharedTotals) for name in shape.model_fields}
    assert fields & hidden_metrics(disabled, has_videos=has_videos) >= hidden
    assert fields & hidden_metrics(disabled, has_videos=has_videos) - {"impressions_is_estimated"} == hidden


def test_gaps_are_the_periods_between_that_have_no_row() -> None:
    assert gaps(["2026-01-04", "2026-01-11", "2026-02-01"], 7) == [{"from": "2026-01-18", "to": "2026-01-25"}]
    assert gaps(["2026-01-04", "2026-01-11"], 7) == []
    assert gaps([], 7) == []


def test_a_name_that_a_spreadsheet_would_run_is_text() -> None:
    rows: list[dict[str, object]] = [{"name": "=1+1", "followers": -5}, {"name": 'a "b"\nc', "followers": None}]
    assert as_csv(rows, Named).decode() == 'name,followers\r\n\'=1+1,-5\r\n"a ""b""\nc",\r\n'
    assert as_csv([], Named) == b"name,followers\r\n"


def test_a_parquet_file_has_the_declared_types_also_without_rows() -> None:
    rows = [{"name": "a", "followers": None, "on": "2026-05-01", "at": "2026-05-01T10:00:00+05:30", "share": 1}]
    for file in (as_parquet(rows, Dated, "board=3"), as_parquet([], Dated, "board=3")):
        frame = polars.read_parquet(io.BytesIO(file))
        assert list(frame.schema.items()) == [
            ("name", polars.String),
            ("followers", polars.Int64),
            ("on", polars.Date),
            ("at", polars.Datetime("us", "UTC")),
            ("share", polars.Float64),
        ]
        assert polars.read_parquet_metadata(io.BytesIO(file))["stir.generations"] == "board=3"
    frame = polars.read_parquet(io.BytesIO(as_parquet(rows, Dated, "board=3")))
    assert frame["at"][0].isoformat() == "2026-05-01T04:30:00+00:00"


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("text/csv", CSV),
        ("text/*", CSV),
        ("application/json;q=0.5, text/csv", CSV),
        ("text/csv;q=0, */*", JSON),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", JSON),
        ("application/vnd.apache.parquet, application/json;q=0.9", PARQUET),
        ("text/csv;q=many, application/json;q=0.1", JSON),
    ],
)
def test_accept_chooses_the_format(accept: str, chosen: str) -> None:
    assert wanted(asking(accept), [JSON, CSV, PARQUET]) == chosen


@pytest.mark.parametrize("accept", ["image/png", "application/json;q=0", "nonsense"])
def test_an_accept_that_takes_nothing_of_it_is_406(accept: str) -> None:
    with pytest.raises(Problem, match="takes nothing") as refused:
        wanted(asking(accept), [JSON, CSV, PARQUET])
    assert refused.value.status == 406


def test_an_answer_with_a_changed_definition_says_so_and_others_do_not() -> None:
    old, new = {"views": 3, "crosses_definition_change": True}, {"views": 3, "crosses_definition_change": False}
    for data in ([new, old], {"profile": {}, "weeks": [new], "months": [old]}):
        notes = json.loads(envelope(data, Generations({})))["notes"]
        assert [note.partition(":")[0] for note in notes] == ["definition"]
    named_so = {**new, "name": '"crosses_definition_change":true'}
    for rows in ([new], [named_so]):
        answer = json.loads(envelope(rows, Generations({})))
        assert (answer["data"], answer["notes"]) == (rows, [])


def test_a_table_that_is_not_published_is_named_and_nothing_else_of_the_database() -> None:
    error = psycopg.errors.UndefinedTable('relation "leaderboard" does not exist\nLINE 1: select secret')
    problem = of_database(error)
    assert problem is not None
    assert (problem.status, problem.kind) == (503, "not-published")
    assert problem.detail.startswith("leaderboard is not published yet")
    assert "secret" not in problem.detail
    assert problem.headers["Retry-After"]
