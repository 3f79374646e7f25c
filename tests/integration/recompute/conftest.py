"""The worlds that everything is recomputed on: the tests' own, and small ones of other seeds (`--seeds 11,12,...`)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.parsed_project import take_parse

from stir import connections
from stir.local import ensure_services, stop_services
from stir.settings import Settings, load_settings
from stir.transform.runner import run_dbt
from stir.world import WorldParameters, make
from stir.world.warehouse import build_warehouse

from .comparison import Compared, Subject
from .events import Events
from .hiding import plant
from .reports import Reports

if TYPE_CHECKING:
    from tests.shared_warehouse import SharedWarehouse

    from stir.world.warehouse import Build

LEDGER = pytest.StashKey[list[Compared]]()
NOTES = pytest.StashKey[list[str]]()
MAIN_SEED = 7
OTHER_SEED = 11
SMALL = {"creators": 150, "days": 40}
PEERS = 3
"""A small world has no group of 100 accounts: there the least size of a peer group, a var, is this."""
SLICE_ROWS = 2000
"""The tests' world has no table that is built in slices: where a past day is built again, they are so small."""


def pytest_configure(config: pytest.Config) -> None:
    config.stash.setdefault(LEDGER, [])
    config.stash.setdefault(NOTES, [])


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """On a push the tests' own world. What only a small one has, peer groups and channels that fell silent, is shown
    there by unit tests of mart_profile_group_metrics and mart_youtube_leaderboard_base and by test_macro_properties.py.
    """
    if "subject" in metafunc.fixturenames:
        others = [int(seed) for seed in metafunc.config.getoption("seeds").split(",") if seed]
        if metafunc.config.getoption("--long"):
            others = others or [OTHER_SEED]
        seeds = list(dict.fromkeys([MAIN_SEED, *others]))
        metafunc.parametrize("subject", seeds, indirect=True, scope="session", ids=lambda seed: f"seed{seed}")


class OwnServer:
    """A warehouse on a server of its own, built with some variables of the project at other values."""

    def __init__(self, state_dir: Path, variables: dict[str, object]) -> None:
        with pytest.MonkeyPatch.context() as patch:
            for name in ("STIR_CLICKHOUSE_URL", "STIR_CLICKHOUSE_READER_URL", "STIR_CLICKHOUSE_SCORER_URL"):
                patch.delenv(name, raising=False)
            patch.setenv("STIR_STATE_DIR", str(state_dir))
            self.settings = ensure_services(load_settings(), ("clickhouse",))
        self._variables = variables
        take_parse(self.settings, variables)

    def build(self, as_of: datetime, *chosen: str) -> list[str]:
        """Build seeds and models as of a moment, without their tests: all, or those that are chosen; the models."""
        without = ["--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"]
        moment = {"STIR_AS_OF": as_of.replace(tzinfo=None).isoformat()}
        command = ["build", "--no-write-json", *without, "--vars", json.dumps(self._variables)]
        select = ["--select", *chosen] if chosen else []
        run = run_dbt(self.settings, [*command, *select], extra_environment=moment)
        run.raise_for_failure()
        return sorted(node.name for node in run.nodes if node.kind == "model")


class SmallWorld(OwnServer):
    """A small world of one seed, with all models built as of its end."""

    def __init__(self, seed: int, end: datetime, state_dir: Path) -> None:
        super().__init__(state_dir, {"peer_group_min_profiles": PEERS})
        self.seed, self._end = seed, end

    def fill(self) -> None:
        """Make its world, and the models."""
        make(self.settings, WorldParameters(seed=self.seed, end=self._end, **SMALL))
        with connections.clickhouse(self.settings) as client:
            plant(client, self._end)
        self.build(self._end)


@pytest.fixture(scope="session")
def small_worlds(
    world: WorldParameters, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[int], SmallWorld]]:
    """A seed to its small world with what is recomputed there; it is made once."""
    running: dict[int, SmallWorld] = {}

    def start(seed: int) -> SmallWorld:
        if seed not in running:
            running[seed] = SmallWorld(seed, world.end, tmp_path_factory.mktemp(f"seed{seed}"))
            running[seed].fill()
        return running[seed]

    try:
        yield start
    finally:  # also of one whose making was interrupted
        for small in running.values():
            stop_services(small.settings, ("clickhouse",))


@pytest.fixture(scope="module")
def past(
    warehouse: Build, shared_warehouse: SharedWarehouse, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OwnServer]:
    """A server with a copy of the tests' world and warehouse."""
    server = OwnServer(tmp_path_factory.mktemp("past"), {"slice_rows": SLICE_ROWS})
    try:
        copy = shared_warehouse.for_another(server.settings)
        with copy.locked():
            copy.take()
        copy.make_world()
        build_warehouse(server.settings)  # nothing, where there was a copy to take
        yield server
    finally:
        stop_services(server.settings, ("clickhouse",))


@pytest.fixture(scope="session")
def subject(request: pytest.FixtureRequest, world: WorldParameters) -> Subject:
    """The warehouse of a seed."""
    ledger, notes = request.config.stash[LEDGER], request.config.stash[NOTES]
    if request.param == MAIN_SEED:
        build: Build = request.getfixturevalue("warehouse")
        assert build
        settings: Settings = request.getfixturevalue("settings")
        assert settings.as_of
        return Subject(MAIN_SEED, settings, datetime.fromisoformat(settings.as_of), ledger, notes)
    small: SmallWorld = request.getfixturevalue("small_worlds")(request.param)
    return Subject(request.param, small.settings, world.end.replace(tzinfo=None), ledger, notes)


@pytest.fixture(scope="session")
def events(subject: Subject) -> Events:
    """The event feeds of the subject, read once."""
    return Events(subject)


@pytest.fixture(scope="session")
def reports(subject: Subject) -> Reports:
    """The collection reports of the subject."""
    return Reports(subject)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    ledger = config.stash[LEDGER]
    if not ledger:
        return
    terminalreporter.section("recomputed from the source tables")
    width = max(len(entry.model) for entry in ledger)
    terminalreporter.line(f"{'model':<{width}}  {'seed':>5}  {'columns':>7}  {'rows':>8}  {'differences':>11}")
    for entry in ledger:
        terminalreporter.line(
            f"{entry.model:<{width}}  {entry.seed:>5}  {entry.columns:>7}  {entry.rows:>8,}  {entry.differences:>11}"
        )
    models = len({entry.model for entry in ledger})
    values = sum(entry.columns * entry.rows for entry in ledger)
    terminalreporter.line(
        f"{models} models, {len({entry.seed for entry in ledger})} seeds, {sum(entry.rows for entry in ledger):,} rows,"
        f" {values:,} values, {sum(entry.differences for entry in ledger)} differences"
    )
    for note in config.stash[NOTES]:
        terminalreporter.line(note)
