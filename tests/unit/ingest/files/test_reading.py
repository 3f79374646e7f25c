"""A file is read whatever its encoding, delimiter, line ends and compression, with the right line for each record."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from backports import zstd

from stir.errors import StirError
from stir.ingest.files.loading import open_file
from stir.ingest.files.plans import Options
from stir.ingest.files.reading import open_source
from stir.ingest.files.source import Record

TEXT = 'name;views\nZoë;12\n"two\nlines";13\n\n"say ""hi""";14\n'
FOUND = [(2, "Zoë", "12"), (3, "two\nlines", "13"), (6, 'say "hi"', "14")]


def _written(folder: Path, content: bytes) -> Path:
    path = folder / "file"
    path.write_bytes(content)
    return path


def _rows(path: Path) -> list[tuple[int, str, str]]:
    return [(each.line, each.values["name"], each.values["views"]) for each in open_source(path).records if each.values]


@pytest.mark.parametrize(
    "written",
    [
        lambda text: text.encode(),
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.encode("utf-16"),
        lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
        lambda text: text.encode("utf-16-le"),
        lambda text: text.encode("utf-32"),
        lambda text: text.encode("cp1252"),
        lambda text: gzip.compress(text.encode()),
        lambda text: zstd.compress(text.encode("utf-16")),
        lambda text: f"sep=;\n{text}".encode(),
        lambda text: text.replace(";", ",").encode(),
        lambda text: text.replace(";", "\t").encode(),
        lambda text: text.replace(";", "|").encode(),
    ],
)
def test_records_and_their_lines_are_the_same_in_every_form(tmp_path: Path, written: Callable[[str], bytes]) -> None:
    content = written(TEXT)
    shift = 1 if content.startswith(b"sep=") else 0
    assert [(line - shift, *rest) for line, *rest in _rows(_written(tmp_path, content))] == FOUND


def test_windows_and_old_mac_line_ends_are_line_ends(tmp_path: Path) -> None:
    for ending in ("\r\n", "\r"):
        text = "name,views\nZoe,12\nAda,13\n".replace("\n", ending)
        assert _rows(_written(tmp_path, text.encode())) == [(2, "Zoe", "12"), (3, "Ada", "13")]


def test_a_few_damaged_bytes_do_not_change_the_encoding_of_the_rest(tmp_path: Path) -> None:
    content = b"name,views\n" + "Zoë,1\nДня,2\n".encode() + b"bad\xff,3\n"
    source = open_source(_written(tmp_path, content))
    assert [each.values["name"] for each in source.records if each.values] == ["Zoë", "Дня", "bad\ufffd"]
    assert source.notes == ["some bytes are no utf-8; each stands as \ufffd now"]


@pytest.mark.parametrize(
    ("encoding", "word"),
    [
        ("cp1251", "Привет, это канал о музыке"),  # noqa: RUF001
        ("shift_jis", "しばなんチャンネルへようこそ"),
        ("euc_kr", "안녕하세요 여러분"),
        ("latin-1", "Été n°1 à la plage, ça va très bien"),
        ("cp1250", "Příliš žluťoučký kůň"),
        ("big5", "繁體中文標題今天的新影片"),
    ],
)
def test_another_countrys_encoding_is_found_out(tmp_path: Path, encoding: str, word: str) -> None:
    text = "name;views\n" + f"{word};1\n" * 50
    assert _rows(_written(tmp_path, text.encode(encoding)))[7] == (9, word, "1")


def test_lines_that_cannot_be_read_are_set_aside_alone(tmp_path: Path) -> None:
    text = 'name,views\nAda,1\n"never closed,2\nBea,3\nCia\nDua,4,5\nEva,6,,\nFay,7\n'
    found = {each.line: each for each in open_source(_written(tmp_path, text.encode())).records}
    assert {line: each.values and each.values["name"] for line, each in found.items()} == {
        2: "Ada", 3: None, 4: "Bea", 5: None, 6: None, 7: "Eva", 8: "Fay",
    }  # fmt: skip
    assert found[3] == Record(3, None, "the line cannot be read: a quote is not closed", '"never closed,2')
    assert found[5].fault == "1 values where the heading has 2"


def test_empty_lines_repeated_headings_and_a_last_line_of_totals_are_no_records(tmp_path: Path) -> None:
    text = "channel;date;views\nTotal;2026-01-01;5\n;;\n\nchannel;date;views\nAda;2026-01-01;6\nTotals:;;11\n"
    opened = open_file(_written(tmp_path, text.encode()), "channels", Options())
    assert [each.values["channel"] for each in opened.records if each.values] == ["Total", "Ada"]
    assert opened.source.skipped == {"empty lines": 2, "repeated headings": 1, "totals lines": 1}


def test_of_two_columns_with_one_name_the_first_is_taken_and_said(tmp_path: Path) -> None:
    source = open_source(_written(tmp_path, b"name,views,views\nAda,1,2\n"))
    assert source.columns == ["name", "views", "views#2"]
    assert "column 'views' stands twice" in source.notes[0]


def test_json_lines_and_lists_are_read_and_a_bad_line_alone_is_set_aside(tmp_path: Path) -> None:
    lines = b'\xef\xbb\xbf{"name": "Ada", "views": 1}\n\n{"name": \n[1]\n{"views": 2, "more": [1]}\n'
    source = open_source(_written(tmp_path, lines))
    assert source.columns == ["name", "views", "more"]
    assert [(each.line, each.values is None) for each in source.records] == [
        (1, False),
        (3, True),
        (4, True),
        (5, False),
    ]
    listed = open_source(_written(tmp_path, b' [{"name": "Ada"}, 5]'))
    assert [each.values for each in listed.records] == [{"name": "Ada"}, None]


def test_parquet_is_read_with_its_types(tmp_path: Path) -> None:
    import duckdb

    path = tmp_path / "file"
    row = "select 'Ada' as name, 12::decimal(9, 2) as views, date '2026-01-02' as day"
    duckdb.execute(f"copy ({row}) to '{path}' (format parquet)")
    (record,) = open_source(path).records
    assert record.values is not None
    assert [str(value) for value in record.values.values()] == ["Ada", "12.00", "2026-01-02"]


def _archive() -> bytes:
    with zipfile.ZipFile(stream := io.BytesIO(), "w") as archive:
        archive.writestr("a.csv", "name,views\nAda,1\n")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "has no rows"),
        (b"\n \n", "has no rows"),
        (_archive(), "a zip archive .*; unpack it first"),
        (gzip.compress(_archive()), "a zip archive .*; unpack it first"),
        (b"ARROW1\0\0" + bytes(100), "an Arrow or Feather file"),
        (bytes(range(256)) * 20, "the file is no text"),
        (gzip.compress(bytes(range(256)) * 20), "the file is no text"),
        (b"<!DOCTYPE html><html>404</html>", "a web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n", "git lfs pull"),
        (gzip.compress(b"name,views\nAda,1\n")[:-9], "cut off"),
        (gzip.compress(b"name,views\n" + b"x" * 17_000_000, 9), "line 2 has more than"),
        (gzip.compress(b'{"name": 1}\n{"name": "' + b"x" * 17_000_000, 9), "line 2 has more than"),
        (b"PAR1 but no more", "no readable Parquet"),
        (gzip.compress(b"name,views\n" * 100_000)[:-20], "cut off"),
        (b'[{"name": ', "no JSON"),
        (b'{\n  "items": [\n    {\n"id": 1\n}\n  ]\n}\n', "no line of the file is a JSON object"),
        (b'[{"name": 1} {"name": 2}]', "no comma follows item 1"),
        (b'[{"name": 1}, ]', "item 2"),
        (b'[{"name": 1}] [2]', "something follows the list"),
        (b'[{"name": 1}', "the list is not closed"),
    ],
)
def test_what_is_no_table_is_refused_in_one_line(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(StirError, match=said):
        list(open_source(_written(tmp_path, content)).records)
