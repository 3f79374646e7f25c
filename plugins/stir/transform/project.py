"""The parsed dbt project: one kept parse for dbt tasks, and a fresh manifest for commands.

Tasks read one parse (`partial_parse.msgpack`, with its manifest beside it), which the first task after a change renews.
Commands read `fresh_manifest`, which belongs to the files and variables as they are at that moment.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

from stir.errors import StirError
from stir.settings import PROJECT_DIR, Settings
from stir.transform.environment import NO_SERVER, dbt_environment
from stir.transform.runner import run_dbt_command

PARSED = "partial_parse.msgpack"
MANIFEST = "manifest.json"

PROJECT_FILES = (
    "dbt_project.yml",
    "models/**/*",
    "macros/**/*",
    "seeds/**/*",
    "tests/data/**/*.sql",
    "tests/data/**/*.yml",
)
"""The files that dbt builds from."""

FOLDERS = {"DBT_TARGET_PATH", "DBT_LOG_PATH", "DBT_PROFILES_DIR", "DBT_PROJECT_DIR"}
ATTEMPTS = 3
MANIFESTS_KEPT = 4


def parsed_project(settings: Settings) -> Path:
    """The pre-parsed project that tasks read. It is only replaced as a whole."""
    return settings.state_dir / "dbt" / PARSED


def kept_manifest(settings: Settings) -> Path:
    """The manifest of that parse."""
    return parsed_project(settings).with_name(MANIFEST)


def renew(parsed: Path, target: Path) -> bool:
    """Make the parse in dbt's `target` folder, if there is one, the parse that all tasks read.

    dbt writes its parse only when it differs from what it had read.
    """
    fresh = target / PARSED
    if not fresh.exists():
        return False
    manifest = target / MANIFEST
    if (
        manifest.exists()
    ):  # copied, because it is also an artifact of the task; a rename makes it visible only when it is complete
        shutil.copyfile(manifest, target / f"{MANIFEST}.kept").replace(parsed.with_name(MANIFEST))
    fresh.replace(parsed)
    return True


def parse(settings: Settings) -> Path:
    """Parse the project if no parse is kept yet; returns where it is kept.

    Takes seconds, or two where dbt's commands have parsed it for the same connection before.

    Raises:
        StirError: the project does not parse.
    """
    parsed = parsed_project(settings)
    if parsed.exists() and kept_manifest(settings).exists():
        return parsed
    with _folder(parsed.parent) as target:
        _parse_from(settings, parsed.parent / "target" / PARSED, target, server=True)
        renew(parsed, target)
    return parsed


def fresh_manifest(settings: Settings) -> dict[str, Any]:
    """The manifest of the project as it is now. dbt parses only when something changed that a manifest depends on:
    a file of the project, a variable that it reads, dbt itself. Needs no server; safe to call from many processes.

    Raises:
        StirError: the project does not parse, or changes faster than it can be parsed.
    """
    folder = settings.state_dir.absolute() / "dbt" / "manifests"
    folder.mkdir(parents=True, exist_ok=True)
    variables = {**os.environ, **dbt_environment(settings, server=False)}
    for _ in range(ATTEMPTS):
        key = parse_key(variables)
        kept = folder / f"{key}.json"
        if (found := _read(kept)) is not None:
            return found
        with _locked(folder), _folder(folder) as target:
            if (found := _read(kept)) is not None:  # another process has parsed while this one waited
                return found
            _parse_from(settings, folder / PARSED, target, server=False)
            # A file that was changed while dbt read would be kept as what it was before.
            if parse_key(variables) == key:
                (target / MANIFEST).replace(kept)
            (target / PARSED).replace(folder / PARSED)
            for old in sorted(folder.glob("*.json"), key=lambda path: -path.stat().st_mtime)[MANIFESTS_KEPT:]:
                old.unlink()
    raise StirError(
        "the dbt project keeps changing while it is parsed",
        do="run the same command again when nobody edits the project",
    )


def parse_key(variables: Mapping[str, str]) -> str:
    """SHA-256 over everything that a manifest depends on."""
    digest = hashlib.sha256()
    names = {name for name in variables if name.startswith("DBT_")} - FOLDERS
    for text in project_content(*PROJECT_FILES, "profiles/*"):
        digest.update(text)
        names |= {name.decode() for name in re.findall(rb"""env_var\(\s*['"](\w+)['"]""", text)}
    read = {name: variables.get(name) for name in sorted(names - NO_SERVER.keys())}
    digest.update(json.dumps([read, version("dbt-core"), version("dbt-clickhouse")]).encode())
    return digest.hexdigest()


def project_content(*patterns: str) -> Iterator[bytes]:
    """Name and content of every file of the project that the patterns match, in one order."""
    for pattern in patterns:
        for path in sorted(PROJECT_DIR.glob(pattern)):
            if path.is_file() and path.name != ".user.yml":
                yield str(path.relative_to(PROJECT_DIR)).encode() + b"\0" + path.read_bytes()


def _read(kept: Path) -> dict[str, Any] | None:
    """A kept manifest, marked as used; None if there is none or it cannot be read."""
    with suppress(FileNotFoundError, ValueError):
        os.utime(kept)
        found: dict[str, Any] = json.loads(kept.read_bytes())
        return found
    return None


def _parse_from(settings: Settings, parsed: Path, target: Path, *, server: bool) -> None:
    """Parse into `target`, reusing an earlier parse as far as possible."""
    earlier = {"DBT_PARTIAL_PARSE_FILE_PATH": str(parsed)} if parsed.exists() else {}
    _dbt_parse(settings, target, server=server, variables=earlier)
    if not (target / PARSED).exists():  # only the manifest's own name changed, and dbt keeps its earlier parse
        shutil.copyfile(parsed, target / PARSED)


def _dbt_parse(settings: Settings, target: Path, *, server: bool, variables: Mapping[str, str]) -> None:
    folders = ("--target-path", str(target), "--log-path", str(target))
    try:
        run_dbt_command(settings, "parse", "--write-json", *folders, server=server, variables=variables)
    except StirError as error:
        raise StirError(f"the dbt project does not parse: {error.what}", do=error.do) from None


@contextmanager
def _folder(parent: Path) -> Iterator[Path]:
    """A temporary folder on the same file system as the kept files, so that a rename is atomic."""
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parent) as folder:
        yield Path(folder)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Lock for one process at a time; the others wait. The lock of a killed process is released."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
