"""A folder stands for its tables, and values that are no texts are no names."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stir.errors import StirError
from stir.ingest.files.loading import files_in, open_file
from stir.ingest.files.plans import Options
from stir.ingest.files.source import NoTableError
from stir.ingest.files.youtube import VIDEOS

ARRIVED = datetime(2026, 6, 30, 12, tzinfo=UTC)
VIDEO = {"video_id": "2kyS6SvSYSE", "date": "2026-06-01", "channel": "Ada", "views": 1}


def test_a_folder_stands_for_the_files_of_its_folders_too_but_not_for_hidden_ones(tmp_path: Path) -> None:
    for name in ("b.csv", "a/c.csv", ".git/d.csv", "a/.e.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / "empty").mkdir()
    assert files_in([tmp_path]) == [tmp_path / "a/c.csv", tmp_path / "b.csv"]
    with pytest.raises(StirError, match="the folder has no files"):
        files_in([tmp_path / "empty"])


@pytest.mark.parametrize(
    "text",
    [
        "# About\n\nThese are files.\n",
        json.dumps({"kind": "youtube#videoCategoryListResponse", "items": [{"id": "1"}]}),
        json.dumps({"kind": "youtube#videoCategoryListResponse", "items": [{"id": "1"}]}, indent=1),
        "",
    ],
    ids=["readme", "answer of an API", "printed answer of an API", "empty"],
)
def test_what_lies_beside_tables_is_known_as_no_table(tmp_path: Path, text: str) -> None:
    path = tmp_path / "file"
    path.write_text(text)
    with pytest.raises(NoTableError):
        open_file(path, "posts", Options())


def test_a_table_with_other_columns_is_a_table(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("video,when\n1,2\n")
    with pytest.raises(StirError, match="no column for a channel") as refusal:
        open_file(path, "posts", Options())
    assert not isinstance(refusal.value, NoTableError)


@pytest.mark.parametrize("name", [{"title": "Ada"}, ["Ada", ["Bea"]]])
def test_an_object_is_no_name_of_a_channel(tmp_path: Path, name: object) -> None:
    path = tmp_path / "file"
    path.write_text(json.dumps(VIDEO | {"channel": name}))
    opened = open_file(path, "posts", Options())
    (record,) = opened.records
    made = opened.plan.make(record.values or {}, ARRIVED)
    assert (made.rows, made.violations[0].reason, made.violations[0].path) == ([], "wrong_type", "channel")


def test_a_list_of_tags_is_the_text_that_youtube_writes(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text(json.dumps(VIDEO | {"tags": ["a", "b c"]}))
    opened = open_file(path, "posts", Options())
    (record,) = opened.records
    rows = dict(opened.plan.make(record.values or {}, ARRIVED).rows)
    assert "a|b c" in rows[VIDEOS].values()
