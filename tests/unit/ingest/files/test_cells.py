"""Cells are read as people and spreadsheets write them, and what is no value is left for the contract to refuse."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stir.errors import StirError
from stir.ingest.files.cells import Cells
from stir.ingest.files.dates import reader_for


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("12", 12), (" 12 ", 12), ("12.0", 12), ("1.2E+05", 120_000), ("1,234", 1234), ("1,234,567", 1_234_567),
        ("1 234 567", 1_234_567), ("1\u00a0234", 1234), ("1\u202f234", 1234), ("1'234", 1234), ("1,234.0", 1234),
        ("1.2M", 1_200_000), ("350k", 350_000), ("1.5B", 1_500_000_000), ("+7", 7), ("-3", -3), ("\u22123", -3),
        ("NA", None), ("[none]", None), ("", None), ("-", None), ("#N/A", None), ("1.234.567", 1_234_567),
        ("k. A.", None), ("\u043d/\u0434", None), ("12 %", "12 %"), ("12x", "12x"),
        ("1.5", 1.5), ("nan", None), (Decimal("12.00"), 12), (12.0, 12), (None, None),
    ],
)  # fmt: skip
def test_whole_numbers(written: object, value: object) -> None:
    assert Cells().integer(written) == value
    assert type(Cells().integer(written)) is type(value)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1.234", 1234),
        ("12,0", 12),
        ("1.234,0", 1234),
        ("1,2E+05", 120_000),
        ("1,5 Mio.", 1_500_000),
        ("1.234.567", 1_234_567),
    ],
)
def test_whole_numbers_of_a_file_with_decimal_commas(written: str, value: int) -> None:
    assert Cells(decimal=",").integer(written) == value


def test_percentages_are_fractions_and_a_text_may_be_called_none() -> None:
    assert Cells().number("12.5 %") == 0.125
    assert Cells(decimal=",").number("12,5%") == 0.125
    assert Cells().text("None") == "None"
    assert Cells().text("[none]") is None
    assert Cells(nulls=("leer",)).text("Leer") is None
    assert Cells(nulls=("leer",)).integer("NA") == "NA"


@given(st.integers(-(2**62), 2**62), st.sampled_from([",", " ", "'", "\u00a0"]))
def test_a_number_with_thousands_signs_is_that_number(number: int, sign: str) -> None:
    assert Cells().integer(f"{number:,}".replace(",", sign)) == number


def _day(column: str, *cells: str) -> str:
    found = reader_for(column, cells).read(cells[0])
    return f"{found.at:%Y-%m-%d %H:%M}" if found else "none"


@pytest.mark.parametrize(
    ("cells", "read"),
    [
        (("2018-10-31T23:00:04.000Z",), "2018-10-31 23:00"),
        (("2018-10-31T23:00:00+0200",), "2018-10-31 21:00"),
        (("2018-10-31",), "2018-10-31 00:00"),
        (("31.10.2018 14:05",), "2018-10-31 14:05"),
        (("10/31/2018",), "2018-10-31 00:00"),
        (("01/02/2018", "25/02/2018"), "2018-02-01 00:00"),
        (("01/02/2018 1:05 PM", "02/25/2018 1:05 AM"), "2018-01-02 13:05"),
        (("Oct 31, 2018",), "2018-10-31 00:00"),
        (("31 October 2018",), "2018-10-31 00:00"),
        (("1540987200",), "2018-10-31 12:00"),
        (("1540987200000",), "2018-10-31 12:00"),
        (("2018/10/31",), "2018-10-31 00:00"),
        (("2018-10",), "2018-10-01 00:00"),
        (("45322",), "2024-01-31 00:00"),
        (("45323.5",), "2024-02-01 12:00"),
        (("12345",), "none"),
        (("a word",), "none"),
    ],
)
def test_dates_are_read_as_the_column_writes_them(cells: tuple[str, ...], read: str) -> None:
    assert _day("date", *cells) == read


def test_a_day_of_a_week_has_no_time_of_day() -> None:
    for cell in ("2024-W05-3", "2024W053"):
        found = reader_for("date", [cell]).read(cell)
        assert found
        assert (found.at, found.has_time) == (datetime(2024, 1, 31, tzinfo=UTC), False)


def test_the_trending_files_write_year_day_month() -> None:
    assert _day("trending_date", "18.01.11") == "2018-11-01 00:00"
    assert _day("trending_date", "17.14.11", "17.02.12") == "2017-11-14 00:00"
    assert _day("trending_date", "2020-08-12T00:00:00Z") == "2020-08-12 00:00"


def test_a_column_that_can_be_read_in_two_ways_is_refused_unless_the_way_is_given() -> None:
    for cells in (["01/02/2024"], ["18.01.11"]):
        with pytest.raises(StirError, match="--dates"):
            reader_for("date", cells)
    found = reader_for("date", ["01/02/2024"], ["%d/%m/%Y"]).read("01/02/2024")
    assert found
    assert found.at == datetime(2024, 2, 1, tzinfo=UTC)
