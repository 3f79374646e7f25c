"""The tests' warehouse is built once for all lanes: whoever builds it first keeps a copy, and the others take it.

The copy holds ClickHouse's data folder, copied while the server is down, and the record of the build. It is valid until
something changes that a build depends on.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stir import connections
from stir.local import ensure_services, stop_services
from stir.local.machine.layout import file_lock
from stir.settings import Settings
from stir.transform.project import PROJECT_FILES, project_content
from stir.world import WorldParameters, make
from stir.world.history import read_state

MADE_OF = "made-of"
PATIENCE = 1800
"""Seconds to wait for another lane's build; only a build that hangs takes as long."""


class SharedWarehouse:
    """The copy that is kept in a folder, as one lane sees it."""

    def __init__(self, settings: Settings, world: WorldParameters, folder: Path) -> None:
        self.world = world
        self._settings = settings
        self._folder = folder
        self._is_new = False

    def for_another(self, settings: Settings) -> SharedWarehouse:
        """The same copy as a server of a test's own sees it."""
        return SharedWarehouse(settings, self.world, self._folder)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """No other lane builds, keeps or takes meanwhile."""
        with file_lock(self._folder.with_suffix(".lock"), PATIENCE, "the tests' warehouse"):
            yield

    def make_world(self) -> None:
        """Make the tests' world, unless this lane has one."""
        self._is_new = make(self._settings, self.world)

    def take(self) -> None:
        """Let this lane have the kept world and warehouse, if it has none of its own and the copy is valid."""
        with connections.clickhouse(self._settings) as client:
            has_own = read_state(client) is not None
        if not has_own and self._made_of() == _read(self._folder / MADE_OF):
            with self._stopped():
                shutil.rmtree(_data(self._settings.state_dir))
                _copy(self._folder, self._settings.state_dir)

    def keep(self) -> None:
        """Keep a copy of what this lane has built on a world that it has just made. ClickHouse is stopped for that."""
        if self._is_new:
            shutil.rmtree(self._folder, ignore_errors=True)
            with self._stopped():
                _copy(self._settings.state_dir, self._folder)
            (self._folder / MADE_OF).write_text(self._made_of())

    @contextmanager
    def _stopped(self) -> Iterator[None]:
        stop_services(self._settings, ("clickhouse",))
        try:
            yield
        finally:
            again = ensure_services(self._settings, ("clickhouse",))
        assert again.clickhouse_url == self._settings.clickhouse_url, "the tests' settings have the address of before"

    def _made_of(self) -> str:
        """SHA-256 over the dbt project, our own code, the locked packages, the moment and the world's parameters."""
        digest = hashlib.sha256(repr((self._settings.as_of, self.world)).encode())
        for content in project_content(*PROJECT_FILES, "plugins/stir/**/*.py", "plugins/stir/**/*.sql", "*.lock"):
            digest.update(content)
        return digest.hexdigest()


def _read(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def _data(state: Path) -> Path:
    return state / "clickhouse" / "data"


def _copy(source: Path, target: Path) -> None:
    shutil.copytree(_data(source), _data(target), symlinks=True)
    for record in source.glob("warehouse-*.json"):
        shutil.copy2(record, target)
