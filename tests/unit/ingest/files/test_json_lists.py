"""A JSON list is read item by item, whatever parts its text comes in."""

from __future__ import annotations

import io
import json

import pytest

from stir.ingest.files import json_lists
from stir.ingest.files.json_lists import items

LISTS: tuple[list[object], ...] = (
    [],
    [1, 22, 333333333, -1.5e10],
    [{"name": 'Ada \\ " [ ] , }', "list": [[], {}, None]}, "a,b", True, {"é": "😀"}],
    [[["deep"]] * 40, {"long": "x" * 500}],
)


@pytest.mark.parametrize("chunk", [1, 2, 7, 1 << 16])
@pytest.mark.parametrize("known", LISTS)
@pytest.mark.parametrize("indent", [None, 2])
def test_items_are_those_of_the_list(
    known: list[object], chunk: int, indent: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_lists, "_CHUNK", chunk)
    text = io.StringIO(json.dumps(known, indent=indent, ensure_ascii=False) + " \n")
    assert text.read(1) == "["
    assert list(items(text)) == known


@pytest.mark.parametrize("chunk", [1, 1 << 16])
@pytest.mark.parametrize(
    ("torn", "why"),
    [
        ("", "not closed"),
        ("1, 2", "not closed"),
        ("1 2]", "no comma follows item 1"),
        ("1,]", "item 2"),
        ("1, {]", "item 2"),
        ("1] 2", "something follows"),
        ("[" * 100_000, "item 1"),
    ],
)
def test_a_torn_list_says_where(torn: str, why: str, chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_lists, "_CHUNK", chunk)
    with pytest.raises(ValueError, match=why):
        list(items(io.StringIO(torn)))


def test_an_item_that_never_ends_is_not_read_to_the_end_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_lists, "MOST_SIGNS", 1000)
    monkeypatch.setattr(json_lists, "_CHUNK", 64)
    text = io.StringIO('{"never": "' + "x" * 1_000_000)
    with pytest.raises(ValueError, match="more than 1,000 signs"):
        list(items(text))
    assert text.tell() < 10_000
