"""What is judged in columns is judged as the checker judges it row by row, and usual rows are judged in columns."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest

from stir.ingest.files.plans import Options, TablePlan
from stir.sources.contract import Contract, Field, contract, contracts

ARRIVED = datetime(2026, 6, 30, 12, tzinfo=UTC)
USUAL = {
    "integer": ("0", "7", "1200"),
    "number": ("0.5", "12", "3.25"),
    "boolean": ("true", "false", "1"),
    "moment": ("2026-06-15 10:00:00", "2026-06-15T10:00:00Z", "2026-06-15T10:00:00+00:00"),
    "json": ('{"likes": 3, "view_count": 12, "followers": 5, "subscribers": 9, "views": 1}',),
}
WORDS = ("creator_7", "Ünïcode text", "a longer text of several words")
IDS = ("UC_x5XG1OV2P6uZZ5FSM9Ttw", "1234567890", "Cxyz_-12345", "20260615")
ODD = (
    *(
        "",
        " ",
        "NA",
        "n/a",
        "NULL",
        "null",
        " null",
        "[none]",
        "None",
        "-",
        "\u2014",
        "nan",
        "#N/A",
        "\\N",
        "?",
        "\x1c",
        "\u017f",
    ),
    *(
        " 12",
        "12 ",
        "+5",
        "007",
        "1_000",
        "1,234",
        "1.234",
        "1.234.567",
        "1,5",
        "12%",
        "1.2K",
        "-0",
        "-1",
        "1e5",
        "1E400",
    ),
    *(
        "9" * 18,
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "4675512281181136282",
        "9" * 19,
        "9" * 25,
        "٣٤",
        "0x10",
        "1.0",
        "3.",
        ".5",
        "inf",
        "0." + "1" * 40,
        "300",
        "-129",
        "4294967296",
    ),
    *("yes", "No", "TRUE", "t", "maybe", "2", "Y ", "\uff34\uff32\uff35\uff25"),
    *("2026-02-30 10:00:00", "2026-06-15 24:00:00", "2026-06-15 10:00:60", "2026-06-15 10:00:00.5", "2026-06-15"),
    *("2026-06-15T10:00:00.1234567", "2026-06-15T10:00:00+02:00", "2026-06-15t10:00:00z", "15.06.2026", "1781517600"),
    *(
        "1969-12-31 23:59:59",
        "2004-12-31 23:59:59",
        "2106-02-08 00:00:00",
        "2299-12-31 23:59:59",
        "0001-01-01 00:00:00",
    ),
    *(
        "2026-06-30 12:09:59",
        "2026-06-30 12:10:01",
        "2030-01-01 00:00:00",
        "9999-12-31 23:59:59",
        "0000-01-01 00:00:00",
    ),
    *("{}", "[]", "{", '{"likes": 03}', '{"likes": 1, "likes": 2}', '{"likes": -1}', '{"likes": 1.5}', '{"likes":1,}'),
    *('{"likes": 9999999999999999}', '{"odd": 1}', '{"likes": "7"}', '{"likes": {"a": 1}}', '{"likes": 1}\n', "[1]"),
    *(
        "instagram",
        "YOUTUBE",
        " youtube",
        "Instagram\u00a0",
        "youtube\n",
        "x" * 255,
        "x" * 256,
        "é" * 128,
        "a\0b",
        "@",
        "/",
    ),
    *("UC_x5XG1OV2P6uZZ5FSM9Tt", "UC_x5XG1OV2P6uZZ5FSM9Ttw ", "\ufffd", "a\nb", " a", "İ", "\ufb01", "\u2028"),
)


def cell(field: Field, dice: random.Random, odd: float) -> str:
    """A cell of a field, usual or odd."""
    if dice.random() < odd:
        return dice.choice(ODD)
    if not field.required and dice.random() < 0.1:
        return ""
    if field.words:
        return dice.choice(field.words)
    return dice.choice(USUAL.get(field.logical) or (IDS if field.pattern else (*WORDS, *IDS)))


def plan_of(known: Contract, columns: list[str]) -> TablePlan:
    return TablePlan(known.name, Options(), columns, [])


@pytest.mark.parametrize("known", contracts(), ids=lambda each: each.name)
def test_a_plain_row_is_the_row_that_the_checker_makes(known: Contract) -> None:
    dice = random.Random(known.name)  # noqa: S311  (cells for a test)
    names = [field.name for field in known.fields]
    plan = plan_of(known, names)
    if plan.cells is None:
        assert any("Tuple" in each.type or (each.required and each.logical == "day") for each in known.fields)
        return
    rows = [
        {field.name: cell(field, dice, odd) for field in known.fields}
        for odd in (0.0, 1 / len(names), 0.3)
        for _ in range(150)
    ]
    found = plan.cells.judge(rows, ARRIVED)
    assert found is not None
    assert sorted(found.plain + found.others) == list(range(len(rows)))
    for place, row in zip(found.plain, found.rows.iter_rows(named=True), strict=True):
        made = plan.make(rows[place], ARRIVED)
        assert ([(known.name, row)], 0) == (made.rows, made.emptied), rows[place]
    for place in range(150):  # of usual rows the checker takes none as it is that the columns do not
        made = plan.make(rows[place], ARRIVED)
        assert place in found.plain or not made.rows or made.emptied, rows[place]


def test_odd_cells_are_left_to_the_checker() -> None:
    known = contract("events.post_log_events")
    dice = random.Random(1)  # noqa: S311  (cells for a test)
    usual = {field.name: cell(field, dice, 0) for field in known.fields} | {"insert_timestamp": ""}
    plan = plan_of(known, list(usual))
    odd = [{**usual, name: " NA"} for name in ("event_timestamp", "metrics", "platform")] + [None, {"event_id": "x"}]
    assert plan.cells is not None
    found = plan.cells.judge([usual, *odd, usual], ARRIVED)
    assert found is not None
    assert (found.plain, found.others) == ([0, 6], [1, 2, 3, 4, 5])


def test_a_constant_is_judged_with_each_row() -> None:
    options = Options(sets=(("platform", "youtube"), ("metrics", '{"followers": 3}')))
    names = ["event_id", "source", "profile_id", "event_timestamp"]
    plan = TablePlan("events.profile_log_events", options, names, [])
    row = dict(zip(names, ("e", "csv", "UC_x5XG1OV2P6uZZ5FSM9Ttw", "2026-06-15 10:00:00"), strict=True))
    assert plan.cells is not None
    found = plan.cells.judge([row], ARRIVED)
    assert found is not None
    assert found.rows.to_dicts() == [made for _, made in plan.make(row, ARRIVED).rows]
    assert found.plain == [0]


def test_files_whose_rows_cannot_be_plain_are_left_to_the_checker() -> None:
    names = ["source", "platform", "profile_id", "event_timestamp", "metrics"]
    assert plan_of(contract("events.profile_log_events"), names).cells is None, "its key is derived from each row"
    dated = Options(dates=("%d.%m.%Y",))
    assert TablePlan("events.profile_log_events", dated, ["event_id", *names], []).cells is None


@pytest.mark.parametrize(
    "document",
    [
        '{"likes": 03}',
        '{"likes": 1234567890123456}',
        '{"likes": 1, "likes": 2}',
        '{"odd": 1}',
        '{"likes": 1, "odd": 007}',
        '{"likes": 123456789012345,"comments":0}',
    ],
)
def test_a_document_of_counts_is_plain_only_if_each_is_written_plainly(document: str) -> None:
    names = ["event_id", "source", "platform", "shortcode", "profile_id", "event_timestamp", "metrics"]
    cells = ("e", "csv", "INSTAGRAM", "Cxyz", "1234567890", "2026-06-15 10:00:00", document)
    plan, row = plan_of(contract("events.post_log_events"), names), dict(zip(names, cells, strict=True))
    assert plan.cells is not None
    found = plan.cells.judge([row], ARRIVED)
    assert found is not None
    assert found.plain == ([0] if document.endswith('"comments":0}') else [])


def test_a_number_that_stands_for_nothing_is_left_to_the_checker() -> None:
    dice = random.Random(2)  # noqa: S311  (cells for a test)
    for known in contracts():
        numbers = {field.name for field in known.fields if field.logical == "number" and not field.required}
        usual = {field.name: "0.25" if field.name in numbers else cell(field, dice, 0) for field in known.fields}
        for nulls, is_plain in ((("0.5",), True), (("0.25",), False)):
            plan = TablePlan(known.name, Options(nulls=nulls), list(usual), [])
            found = plan.cells.judge([usual], ARRIVED) if numbers and plan.cells else None
            if found is not None:
                made = plan.make(usual, ARRIVED)
                assert bool(found.plain) == (is_plain and bool(made.rows) and not made.emptied), known.name
