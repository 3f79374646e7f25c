"""A sheet of a workbook is read as a person sees it, and what is no sheet is refused in one line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest
from tests import binary_workbooks, workbooks
from tests.workbooks import Sheet, numbered

from stir.errors import StirError
from stir.ingest.files.loading import open_file
from stir.ingest.files.plans import Options
from stir.ingest.files.reading import open_source
from stir.ingest.files.source import Record

PROTECTED = "a password protects the workbook.*save it without one"
HEADING = ["Channel", "Date", "Subscribers", "Hidden"]


def rows_of(path: Path, sheet: str | None = None) -> list[tuple[int, list[object]]]:
    return [(each.line, list((each.values or {}).values())) for each in open_source(path, sheet=sheet).records]


def test_cells_have_the_values_that_a_person_sees_and_rows_their_numbers(tmp_path: Path) -> None:
    sheet = Sheet(
        {
            2: ["Channels of ours"],
            4: HEADING,
            5: ["Ada", date(2024, 1, 31), 1000, True],
            7: ["Bea", datetime(2024, 2, 29, 18, 30, 15), "1,234", False],
            8: ["Cy", "31.03.2024", 0.5, None],
            9: HEADING,
        }
    )
    path = workbooks.write(tmp_path / "a.xlsx", {"Numbers": sheet})
    source = open_source(path)
    assert (source.form, source.columns) == ("a workbook, sheet 'Numbers'", HEADING)
    assert source.notes == ["the heading is row 4; 1 above it is left out"]
    assert list(source.records) == [
        Record(5, dict(zip(HEADING, ["Ada", "2024-01-31", 1000, True], strict=True))),
        Record(7, dict(zip(HEADING, ["Bea", "2024-02-29T18:30:15", "1,234", False], strict=True))),
        Record(8, dict(zip(HEADING, ["Cy", "31.03.2024", 0.5, None], strict=True))),
    ]
    assert source.skipped == {"empty lines": 1, "repeated headings": 1}
    assert source.done() == path.stat().st_size


def test_merged_cells_say_their_value_in_each_row(tmp_path: Path) -> None:
    sheet = Sheet({1: ["Channel", "Views"], 2: ["Ada", 1], 3: [None, 2], 4: ["Bea", 3], 5: [None, 4]}, ["A2:A3"])
    path = workbooks.write(tmp_path / "a.xlsx", {"One": sheet})
    assert rows_of(path) == [(2, ["Ada", 1]), (3, ["Ada", 2]), (4, ["Bea", 3]), (5, [None, 4])]


@pytest.mark.parametrize("form", ["ods", "xls", "xlsb"])
def test_workbooks_of_other_forms_say_the_same(tmp_path: Path, form: str) -> None:
    """The files of the first two are LibreOffice's: a merged title and channel, formulas, empty rows, three sheets."""
    path = Path(__file__).parent / "workbooks" / f"channels.{form}"
    heading = ["Channel", "Date", "Subscribers", "Doubled", "Read at"]
    first = ["Ada", date(2024, 1, 31), 1000, 2000, datetime(2024, 2, 1, 18, 30, 15)]
    second = ["Ada", date(2024, 2, 29), 1250.5, 2501, None]
    last = ["Bée", date(2024, 2, 29), "1,234", "none", None]
    if form == "xlsb":
        data = Sheet({1: ["Channels of ours, first quarter"], 3: heading, 4: first, 5: second, 7: last})
        other = numbered([["a", "b"], [1, True]])
        sheets = {"Data": data, "Other": other, "Hidden": Sheet({1: ["x", "y"]}, hidden=True)}
        path = binary_workbooks.write(tmp_path / "channels.xlsb", sheets)
    source = open_source(path)
    assert (source.form, source.columns) == ("a workbook, sheet 'Data'", heading)
    assert source.notes[0] == "sheet 'Data' was taken; --sheet takes another: 'Other'"
    shown = [(4, first), (5, second), (7, last)]
    assert [(each.line, list((each.values or {}).values())) for each in source.records] == [
        (line, [cell.isoformat() if isinstance(cell, date) else cell for cell in row]) for line, row in shown
    ]
    assert source.skipped == {"empty lines": 1}
    assert rows_of(path, "Other") == [(2, [1, True])]


def test_the_first_visible_sheet_with_cells_is_taken_unless_one_is_named(tmp_path: Path) -> None:
    sheets = {
        "Secret": Sheet({1: ["a", "b"], 2: [1, 2]}, hidden=True),
        "Cover": Sheet({}),
        "Data": numbered([["a", "b"], [3, 4]]),
        "Müller & Co": numbered([["a", "b"], [5, 6]]),
    }
    path = workbooks.write(tmp_path / "a.xlsx", sheets)
    assert rows_of(path) == [(2, [3, 4])]
    assert open_source(path).notes == ["sheet 'Data' was taken; --sheet takes another: 'Cover', 'Müller & Co'"]
    assert rows_of(path, "Müller & Co") == [(2, [5, 6])]
    assert open_source(path, sheet="Müller & Co").notes == []
    assert rows_of(path, "Secret") == [(2, [1, 2])]
    with pytest.raises(StirError, match=r"no sheet 'data'.*give one of 'Cover', 'Data', 'Müller & Co' with --sheet"):
        open_source(path, sheet="data")


def test_a_spreadsheet_of_channels_is_planned_like_its_csv(tmp_path: Path) -> None:
    path = workbooks.write(
        tmp_path / "a.xlsx", {"One": numbered([HEADING, ["Ada", date(2024, 1, 31), 1000, False], ["Total", None, 9]])}
    )
    (tmp_path / "a.csv").write_text("Channel,Date,Subscribers,Hidden\nAda,2024-01-31,1000,false\nTotal,,9,\n")
    arrived = datetime.fromisoformat("2026-06-30T12:00:00+00:00")
    made = []
    for name in ("a.xlsx", "a.csv"):
        opened = open_file(tmp_path / name, "channels", Options())
        made.append([opened.plan.make(each.values or {}, arrived).rows for each in opened.records])
        assert opened.source.skipped == {"totals lines": 1}
    assert path.exists()
    assert made[0] == made[1]
    assert made[0][0]


@pytest.mark.parametrize(
    ("form", "content", "said"),
    [
        ("xlsx", workbooks.protected, PROTECTED),
        ("xls", workbooks.protected_old, PROTECTED),
        ("ods", workbooks.protected_open, PROTECTED),
        ("xlsx", lambda: b"\xd0\xcf\x11\xe0" + bytes(600), "the workbook cannot be read: .*save it again, or save"),
        ("xlsx", lambda: b"PK\x03\x04...", "the file is cut off or damaged"),
    ],
    ids=["protected", "protected xls", "protected ods", "old and broken", "cut off"],
)
def test_what_cannot_be_read_is_one_line(tmp_path: Path, form: str, content: Callable[[], bytes], said: str) -> None:
    path = tmp_path / f"a.{form}"
    path.write_bytes(content())
    with pytest.raises(StirError, match=said):
        open_source(path)


def test_the_name_of_a_file_does_not_say_what_kind_of_workbook_it_is(tmp_path: Path) -> None:
    for form, name in (("ods", "a.xlsx"), ("xls", "b.xlsx"), ("xls", "c.csv")):
        (tmp_path / name).write_bytes((Path(__file__).parent / "workbooks" / f"channels.{form}").read_bytes())
        assert rows_of(tmp_path / name, "Other") == [(2, [1, True])]


def test_a_damaged_part_of_a_workbook_and_an_empty_one_are_one_line(tmp_path: Path) -> None:
    path = workbooks.write(tmp_path / "a.xlsx", {"One": Sheet({})})
    with pytest.raises(StirError, match="no rows: its sheets are empty"):
        open_source(path)
    path = workbooks.write(tmp_path / "b.xlsx", {"One": Sheet({1: ["a", "b"]}, ["</mergeCells><mergeCell"])})
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(StirError, match="cut off or damaged"):
        open_source(path)


def test_a_sheet_with_a_cell_far_away_is_refused_and_not_the_end_of_the_program(tmp_path: Path) -> None:
    far = [None] * 200 + ["far"]
    path = workbooks.write(tmp_path / "a.xlsx", {"One": Sheet({1: ["a", "b"], 2: [1, 2], 1_048_576: far})})
    with pytest.raises(StirError, match=r"more than 1.5 GB of memory.*delete cells far from the table"):
        open_source(path)


def test_a_sheet_is_asked_only_of_a_workbook(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    with pytest.raises(StirError, match=r"no workbook and has no sheets.*leave out --sheet"):
        open_source(tmp_path / "a.csv", sheet="One")


def test_loads_from_before_there_were_sheets_are_known_by_the_same_options() -> None:
    assert "sheet" not in Options().as_dict()
    assert Options.of(Options(sheet="One").as_dict()) == Options(sheet="One")
    assert Options.of(Options().as_dict()) == Options()
