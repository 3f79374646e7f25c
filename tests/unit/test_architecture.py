"""Promises about the shape of the code: files stay readable, nothing names a machine. Imports: .importlinter."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from stir import __version__

PROJECT_DIR = Path(__file__).resolve().parents[2]
MAXIMUM_LINES = {".py": 300, ".sql": 200}


def _tracked(*suffixes: str) -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = [PROJECT_DIR / line for line in listing.stdout.splitlines()]
    return [path for path in paths if path.is_file() and (not suffixes or path.suffix in suffixes)]


def test_files_stay_short_enough_to_read() -> None:
    too_long = {
        str(path.relative_to(PROJECT_DIR)): lines
        for path in _tracked(*MAXIMUM_LINES)
        if "tests" not in path.parts and (lines := len(path.read_text().splitlines())) > MAXIMUM_LINES[path.suffix]
    }

    assert too_long == {}


def test_no_tracked_file_names_a_registry_or_somebodys_home() -> None:
    forbidden = re.compile(
        r"index-url[= ]+https?:|registry\.npm|pypi\.org|(?<![\w.])/(?:home|Users)/\w+|(?<![\w.])/wor[k]/"
    )
    found = {
        f"{path.relative_to(PROJECT_DIR)}: {match.group()}"
        for path in _tracked()
        if path != Path(__file__)
        for match in [forbidden.search(path.read_text(errors="ignore"))]
        if match
    }

    assert found == set()


def test_the_version_is_the_newest_release_and_a_new_release_says_how_to_upgrade() -> None:
    changelog = (PROJECT_DIR / "CHANGELOG.md").read_text()
    releases = re.findall(r"^## (\d+\.\d+\.\d+) - (\d{4}-\d\d-\d\d)$", changelog, re.MULTILINE)
    versions = [tuple(map(int, version.split("."))) for version, _ in releases]
    texts = re.split(r"^## .*$", changelog, flags=re.MULTILINE)[2:]

    assert re.findall(r"^## (.*)$", changelog, re.MULTILINE)[0] == "Unreleased"
    assert releases[0][0] == __version__
    assert versions == sorted(versions, reverse=True)
    assert [date for _, date in releases] == sorted((date for _, date in releases), reverse=True)
    for (version, _), (older, _), text in zip(releases, releases[1:], texts, strict=False):
        assert f"### Upgrading from {older}" in text, version
    kinds = set(re.findall(r"^### (\w+)", changelog, re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security", "Upgrading"}
