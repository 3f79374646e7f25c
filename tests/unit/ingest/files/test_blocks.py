"""A block of any file becomes what its records become one by one, and usual records are judged in columns."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Any

import pytest

from stir.ingest.files.blocks import Block, made
from stir.ingest.files.plans import Options, Plan, TablePlan
from stir.ingest.files.source import Record
from stir.ingest.files.youtube import ChannelsPlan, PostsPlan
from stir.sources.contract import Contract, Field, contracts

from .test_vectors import ARRIVED, ODD, cell

TYPED: dict[str, tuple[Any, ...]] = {
    "integer": (0, 7, 1200),
    "number": (0.5, 12, 3.25),
    "boolean": (True, False),
    "json": ({"likes": 3, "view_count": 12, "followers": 5, "subscribers": 9, "views": 1},),
}
ODD_VALUES: tuple[Any, ...] = (
    *(True, 0, -1, 1, 2**31, 2**63, 2**64, 10**30, 0.1, -0.0, 1e300, 1e-9, 12.0, math.nan, math.inf),
    *([], [1], ["a"], [["a", 0.5]], {}, {"likes": 1}, {"likes": True}, {"likes": 1.5}, {"likes": math.nan}),
    *(
        {"odd": 1},
        {"a": {"likes": 1}},
        {"likes": 10**17},
        {"likes": "7"},
        "",
        " ",
        2**63 - 1,
        -(2**63),
        9 * 10**18,
        "2026-06-15T10:00:00+00:00",
    ),
)
CHANNEL = "UC86eIToNMw7jcyDPmWhRq6Q"
SHORT = {
    "channel_id": (CHANNEL, f"https://www.youtube.com/channel/{CHANNEL}", "", "UCshort", "@handle"),
    "channel": ("Ada", "Ünïcode", "", " Bea ", "null", "NA"),
    "handle": ("@ada", "https://youtube.com/@ada/videos", "", "ada"),
    "date": ("2026-06-01", "2026-06-02", "2026-06-03 10:00:00", "", "soon", "2031-01-01", "1999-01-01"),
    "published": ("2026-05-01T10:00:00.000Z", "2026-05-01", "", "soon", "1970-01-01", "2026-06-29T10:00:00.5Z"),
    "subscribers": ("12", "1,200", "", "NA", "1.2K", "-1", "many", "99999999999999999999"),
    "views": ("9", "7.48374E+05", "", "12x", "3.5"),
    "videos": ("3", ""),
    "likes": ("57,527", "", "NA"),
    "comments": ("4", "[none]"),
    "video_id": ("2kyS6SvSYSE", "https://youtu.be/2kyS6SvSYSE?t=1", "", "short"),
    "title": ("two\nlines", '"quoted"', "", "x" * 5000),
    "tags": ("[none]", "a|b"),
    "hidden": ("true", "no", "", "maybe"),
    "comments_disabled": ("True", "False", ""),
    "country": ("DE", "", "Germany"),
    "description": ("text", "NA", " "),
    "duration": ("PT3M", "", "3:00"),
}


def compare(plan: Plan, values: Sequence[dict[str, Any] | None], delimiter: str = "") -> set[int]:
    """Assert that the block's rows and refusals are those of its records; the places of the plain ones."""
    records = [Record(place, each, "torn" if each is None else "") for place, each in enumerate(values)]
    block = Block(plan, records, ARRIVED, delimiter)
    rows: dict[int, dict[str, dict[str, Any]]] = {place: {} for place in range(len(records))}
    for table, found in block.plain.items():
        for place, row in zip(found.plain, found.rows.iter_rows(named=True), strict=True):
            rows[place][table] = row
    for table, places in block.origins.items():
        for place, row in zip(places, block.rows[table], strict=True):
            assert table not in rows[place], "a record stands in its table once"
            rows[place][table] = row
    for place, record in enumerate(records):
        single = made(plan, record, ARRIVED)
        assert rows[place] == dict(single.rows), record
        refused = (single.key, tuple(single.violations)) if not single.rows else None
        assert block.refused.get(place) == refused, record
    return {place for found in block.plain.values() for place in found.plain}


def value(field: Field, dice: random.Random, odd: float) -> Any:
    """A value of a field as JSON or Parquet have it, usual or odd."""
    if dice.random() < odd:
        return dice.choice((*ODD, *ODD_VALUES))
    if not field.required and dice.random() < 0.1:
        return None
    return dice.choice(TYPED[field.logical]) if field.logical in TYPED and not field.words else cell(field, dice, 0)


@pytest.mark.parametrize("known", contracts(), ids=lambda each: each.name)
def test_records_of_json_lines_become_what_they_become_one_by_one(known: Contract) -> None:
    dice = random.Random(known.name)  # noqa: S311  (values for a test)
    plan = TablePlan(known.name, Options(), [field.name for field in known.fields], [])
    rows: list[dict[str, Any] | None] = [
        {field.name: value(field, dice, odd) for field in known.fields}
        for odd in (0.0, 1 / len(known.fields), 0.3)
        for _ in range(50)
    ]
    plain = compare(plan, [*rows, None])
    if plain:
        singles = [made(plan, Record(0, row), ARRIVED) for row in rows[:50]]
        usual = {place for place, each in enumerate(singles) if each.rows and not each.emptied}
        assert usual <= plain, "usual records are judged in columns"


@pytest.mark.parametrize(
    ("options", "delimiter", "dropped"),
    [
        pytest.param(Options(), ",", "event_id", id="a derived key"),
        pytest.param(Options(dates=("%d.%m.%Y",)), ",", "", id="a format of dates"),
        pytest.param(Options(sets=(("source", "mine"),)), "", "source", id="a constant"),
    ],
)
def test_csv_that_has_no_plain_cells_is_judged_in_columns_all_the_same(
    options: Options, delimiter: str, dropped: str
) -> None:
    dice = random.Random(7)  # noqa: S311  (cells for a test)
    [known] = [each for each in contracts() if each.name == "events.profile_log_events"]
    names = [field.name for field in known.fields if field.name != dropped]
    plan = TablePlan(known.name, options, names, [], delimiter=delimiter)
    assert plan.cells is None or not delimiter
    rows: list[dict[str, Any] | None] = []
    for odd in (0.0, 0.1):
        for _ in range(100):
            row = {field.name: cell(field, dice, odd) for field in known.fields if field.name != dropped}
            if options.dates and not odd:
                row["event_timestamp"] = "15.06.2026"
            rows.append(row)
    assert len(compare(plan, rows, delimiter)) >= 90


@pytest.mark.parametrize(("way", "least"), [(ChannelsPlan, 100), (PostsPlan, 100)])
def test_rows_of_the_short_ways_become_what_they_become_one_by_one(
    way: type[ChannelsPlan | PostsPlan], least: int
) -> None:
    dice = random.Random(way.__name__)  # noqa: S311  (cells for a test)
    names = [name for name in SHORT if name in way.names]
    plan = way(Options(), names, [], formats={name: [] for name in ("date", "published") if name in way.names})
    rows: list[dict[str, Any] | None] = [
        {name: dice.choice(SHORT[name]) if dice.random() < odd else SHORT[name][0] for name in names}
        for odd in (0.05, 0.2, 0.6)
        for _ in range(100)
    ]
    plain = compare(plan, [*rows, None])
    assert len(plain) >= least
