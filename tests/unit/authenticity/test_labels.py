"""Which files of labels are refused, each with one line that says where and what to do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from stir.authenticity import labels
from stir.errors import StirError


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("creator_id,handle,name\n1,a,b\n", "'is_fake' is missing"),
        ("", "no labelled follower"),
        ("creator_id,handle,name,is_fake\n1,a,b,perhaps\n", "is_fake is 'perhaps'.*\n*.*line 2"),
        ('creator_id,handle,name,is_fake\n1,a,"b\n\nc",1\n1,d,e,\n', "line 5"),
        ("creator_id,handle,name,is_fake,truth\n1,a,b,1,maybe\n", "truth is 'maybe'"),
        ("creator_id,handle,name,is_fake,share\n1,a,b,1,30 %\n", "share is '30 %'"),
        ("creator_id,handle,name,is_fake,share\n1,a,b,1,30\n", "share is '30'"),
        ("creator_id,handle,name,is_fake,share\n1,a,b,1,inf\n", "share is 'inf'"),
        ("creator_id,handle,name,is_fake\n1,a,b\n", "line 2 has fewer cells"),
        ("creator_id,handle,name,is_fake\n1,a,Lee, Anna,1\n", "line 2 has more cells"),
        ("creator_id,handle,name,is_fake\n,a,b,1\n", "creator_id is empty"),
        ("creator_id,handle,name,is_fake\n1,Anna,b,1\n2,anna,b,1\n1,@anna,c,0\n", "'@anna' of '1' is there twice"),
        ("creator_id;handle;name;is_fake\n1;a;b;1\n", "'creator_id' is missing"),
        ("creator_id,handle,name,is_fake\n", "no labelled follower"),
    ],
)
def test_labels_that_cannot_be_used_are_refused(tmp_path: Path, text: str, what: str) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(text)

    with pytest.raises(StirError) as refused:
        labels.read_csv(path)
    assert re.search(what, str(refused.value))


def test_labels_that_are_not_utf_8_or_hold_a_huge_cell_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_bytes("creator_id,handle,name,is_fake\n1,a,Zoë,1\n".encode("utf-16"))
    with pytest.raises(StirError, match="not UTF-8"):
        labels.read_csv(path)
    path.write_text(f"creator_id,handle,name,is_fake\n1,a,{'x' * 200_000},1\n")
    with pytest.raises(StirError, match="field larger than field limit"):
        labels.read_csv(path)
    with pytest.raises(StirError, match="No such file"):
        labels.read_csv(tmp_path / "missing.csv")


def test_a_file_that_is_given_twice_is_refused_and_two_samples_of_a_creator_are_joined(tmp_path: Path) -> None:
    paths = [tmp_path / "one.csv", tmp_path / "two.csv"]
    for path, handle in zip(paths, ("anna", "emma"), strict=True):
        path.write_text(f"creator_id,handle,name,is_fake,country\n1,{handle},Anna,1,in\n")
    parts = [labels.read_csv(path) for path in paths]

    assert labels.joined(parts).samples()["1"].size == 2
    assert labels.joined(parts).countries == ["IN", "IN"]
    with pytest.raises(StirError, match="there twice"):
        labels.joined([*parts, parts[0]])
