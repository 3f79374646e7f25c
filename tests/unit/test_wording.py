"""The check of wording finds a phrase wherever prose stands, and nothing in code."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.wording import faults, read_list

PHRASES = read_list()


@pytest.mark.parametrize(
    ("name", "text", "lines"),
    [
        ("a.md", "Fine.\n\nThe view hangs\non the table.\n", [3]),
        ("a.py", '"""Read it anew."""\n', [1]),
        ("a.py", "x = 1\n# the server is well\n", [2]),
        ("a.py", "x = 1\nraise Error('readers did not let go')\n", [2]),
        ("a.py", "def test_what_hangs_on_a_table() -> None: ...\n", [1]),
        ("a.py", "anew = afresh = 1\nreport('well known')\n", []),
        ("a.sql", "select anew -- fine\nfrom afresh\n", []),
        ("a.sql", "select 1 -- read afresh\n", [1]),
        ("a.sql", "select 1\n{# is told\n    anew #}\n", [2, 3]),
        ("a.yml", "description: dearest first\n", [1]),
        ("a.md", "dearest first  wording: keep\n", []),
    ],
)
def test_phrases_are_found_in_prose_and_not_in_code(tmp_path: Path, name: str, text: str, lines: list[int]) -> None:
    path = tmp_path / name
    path.write_text(text)

    assert sorted({line for line, _, _ in faults(path, PHRASES)}) == lines


def test_a_line_without_advice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_text("# a comment\n\nanew\n")

    with pytest.raises(ValueError, match="anew"):
        read_list(path)
