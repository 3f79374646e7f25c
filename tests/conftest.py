"""Session fixtures: services of the tests' own, a small world in them, and the warehouse built on it.

Under `./stir test` the services live in `.stir/test` and outlast one pytest process, so that the kinds share one world;
pytest by hand uses the same folder and leaves the services to `STIR_STATE_DIR=.stir/test ./stir down`.
"""

from __future__ import annotations

import gc
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.parsed_project import share_manifests, take_parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.dbt_forks import Forks
    from tests.shared_warehouse import SharedWarehouse

    from stir.settings import Settings
    from stir.world import WorldParameters
    from stir.world.warehouse import Build

PROJECT_DIR = Path(__file__).resolve().parents[1]
CLOCK = datetime(2026, 6, 15, tzinfo=UTC)
"""The moment for which the tests' warehouse is built; the end of the tests' world."""


def _isolate() -> None:
    """Never let a test reach the developer's own services or state."""
    if os.environ.get("STIR_TEST_RUN"):
        return
    for name in [
        name for name in os.environ if name.startswith("STIR_") and name not in ("STIR_VENV", "STIR_CACHE_DIR")
    ]:
        del os.environ[name]
    os.environ["STIR_STATE_DIR"] = str(PROJECT_DIR / ".stir" / "test")
    os.environ["STIR_ENV_FILE"] = os.devnull
    os.environ["STIR_AS_OF"] = CLOCK.replace(tzinfo=None).isoformat()


_isolate()
share_manifests(Path(os.environ["STIR_STATE_DIR"]))
os.environ["DBT_LOG_LEVEL_FILE"] = "none"  # a file that no test reads takes dbt a twentieth of its processor time
os.environ["STIR_LINEAGE"] = "off"  # and its events a twelfth; the tests that read them set a folder


gc.set_threshold(100_000, 50, 100)  # Python looks for unused cycles less often, also while it imports the tests


def pytest_collection_finish() -> None:
    """Never look for unused cycles among what has been imported: with rarer looks, a tenth of the processor time."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the long tests, and report them as deselected, unless they are asked for."""
    if not config.getoption("--long"):
        long = [item for item in items if item.get_closest_marker("long")]
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in set(long)]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="10,000 drawn questions, all 76 forms, more seeds")
    parser.addoption(
        "--seeds", default="", help="seeds of further worlds that all is recomputed on, as in 11,12,13; --long is 11"
    )


@pytest.fixture(scope="session", autouse=True)
def forked_dbt() -> Iterator[Forks]:
    """What the tests' own process runs of dbt comes from a process that has imported it."""
    from tests.dbt_forks import Forks

    from stir.transform import runner

    with pytest.MonkeyPatch.context() as patch, Forks() as forks:
        patch.setattr(runner, "dbt_process", forks)
        yield forks


@pytest.fixture(scope="session")
def settings() -> Settings:
    """Running ClickHouse, PostgreSQL and S3, and how to reach them."""
    from stir.local import ensure_services
    from stir.settings import load_settings

    return ensure_services(load_settings())


@pytest.fixture(scope="session")
def shared_warehouse(settings: Settings) -> SharedWarehouse:
    """300 creators and 60 days that end at CLOCK: the copy of the tests' world and warehouse that lanes share."""
    from tests.shared_warehouse import SharedWarehouse

    from stir.world import WorldParameters

    beside = settings.state_dir.absolute().with_name("test-warehouse")  # lanes have state folders beside one another
    return SharedWarehouse(settings, WorldParameters(creators=300, days=60, seed=7, end=CLOCK), beside)


@pytest.fixture(scope="session")
def world(shared_warehouse: SharedWarehouse) -> WorldParameters:
    """The tests' world; if a lane has built the warehouse on it, that comes with it."""
    with shared_warehouse.locked():
        shared_warehouse.take()
    shared_warehouse.make_world()
    return shared_warehouse.world


@pytest.fixture(scope="session")
def warehouse(settings: Settings, shared_warehouse: SharedWarehouse, world: WorldParameters) -> Build:
    """Every seed and model, built on the world, with what data tests say of them."""
    from stir.world.warehouse import build_warehouse

    take_parse(settings)
    with shared_warehouse.locked():
        build = build_warehouse(settings)
        if build.run:
            shared_warehouse.keep()
    return build


@pytest.fixture(scope="session")
def written_to(settings: Settings) -> Callable[[Path], list[str]]:
    """Options with which dbt writes to another folder and takes over what it has parsed, which takes longest."""
    parsed = settings.state_dir / "dbt" / "target" / "partial_parse.msgpack"
    return lambda target: ["--target-path", str(target), "--partial-parse-file-path", str(parsed)]
