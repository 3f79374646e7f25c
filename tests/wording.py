"""Finds words of .wording.txt in the project's prose: `python -m tests.wording`, part of `./stir test lint`."""

from __future__ import annotations

import ast
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

PROJECT_DIR = Path(__file__).resolve().parents[1]
LIST = PROJECT_DIR / ".wording.txt"
KEEP = "wording: keep"
OWN_TEST = "tests/unit/test_wording.py"
"""Its examples are phrases of the list."""
SQL_COMMENT = re.compile(r"--[^\n]*|\{#.*?#\}", re.DOTALL)
MARKUP = (".md", ".yml", ".yaml", ".toml")


def read_list(path: Path = LIST) -> list[tuple[re.Pattern[str], str]]:
    """The phrases as patterns, each with what to write instead.

    Raises:
        ValueError: a line is not `phrase => advice`.
    """
    found = []
    for line in path.read_text().splitlines():
        if line and not line.startswith("#"):
            phrase, arrow, advice = line.partition(" => ")
            if not (phrase and arrow and advice):
                raise ValueError(f"{path.name}: write `phrase => advice` instead of {line!r}")
            # Prose is wrapped, so a blank may be the end of a line.
            found.append((re.compile(phrase.replace(" ", r"[\s#]+"), re.IGNORECASE), advice))
    return found


def python_prose(text: str) -> Iterator[tuple[int, str]]:
    """Line number and text of every comment, docstring, string with blanks and test name."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node.lineno, node.name.replace("_", " ")
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield node.lineno, node.value
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def prose(path: Path) -> Iterator[tuple[int, str]]:
    """Line number and text of every piece of prose in a file."""
    text = path.read_text()
    if path.suffix == ".py":
        yield from python_prose(text)
    elif path.suffix == ".sql":
        for match in SQL_COMMENT.finditer(text):
            yield text.count("\n", 0, match.start()) + 1, match.group()
    else:
        yield 1, text


def faults(path: Path, phrases: list[tuple[re.Pattern[str], str]]) -> Iterator[tuple[int, str, str]]:
    """Line number, phrase and advice for each phrase of the list in a file."""
    lines = path.read_text().splitlines()
    for start, text in prose(path):
        for pattern, advice in phrases:
            for match in pattern.finditer(text):
                line = start + text.count("\n", 0, match.start())
                if line > len(lines) or KEEP not in lines[line - 1]:
                    yield line, " ".join(match.group().split()), advice


def files() -> list[Path]:
    """The tracked files that contain prose."""
    listing = subprocess.run(["git", "ls-files"], cwd=PROJECT_DIR, capture_output=True, text=True, check=True)
    paths = [PROJECT_DIR / name for name in listing.stdout.splitlines() if name != OWN_TEST]
    return [path for path in paths if path.is_file() and path.suffix in (".py", ".sql", *MARKUP)]


def main() -> int:
    """Print every fault; returns the exit code."""
    phrases = read_list()
    found = sorted(
        {(str(path.relative_to(PROJECT_DIR)), *fault) for path in files() for fault in faults(path, phrases)}
    )
    for name, line, phrase, advice in found:
        print(f"{name}:{line}: {phrase!r}: write {advice!r} (.wording.txt)")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
