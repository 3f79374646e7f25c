"""The embedded services as real servers, in state folders of these tests' own."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator

import psutil
import pytest

from stir import connections
from stir.local import SERVICES, Supervisor, ensure_services, stop_services
from stir.settings import Settings, load_settings


@pytest.fixture(scope="package", autouse=True)
def environment() -> Iterator[None]:
    """Addresses of other services must not reach these tests through the environment."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("STIR_") and name.endswith("_URL")]:
            patch.delenv(name)
        yield


@pytest.fixture(scope="package")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Settings]]:
    """Makes the settings of further checkouts, by name; their services are stopped at the end.

    Of one name is one checkout: `spare` is for tests that leave it stopped and whole, and need none that is new.
    """
    made: dict[str, Settings] = {}

    def settings(name: str, **values: object) -> Settings:
        if name not in made:
            made[name] = Settings(
                _env_file=None,
                state_dir=tmp_path_factory.mktemp("a state") / f"{name} ü:&",
                cache_dir=load_settings().cache_dir,
            )
        return made[name].model_copy(update=values)

    yield settings
    for state in made.values():
        stop_services(state)


@pytest.fixture(scope="package")
def first(checkout: Callable[..., Settings]) -> Settings:
    return ensure_services(checkout("first"), SERVICES)  # from now on the checkout uses the broker too


def processes(settings: Settings) -> dict[str, psutil.Process]:
    supervisor = Supervisor(settings)
    found = {name: supervisor.service(name).process() for name in SERVICES}
    return {name: running for name, running in found.items() if running}


def family(settings: Settings) -> list[psutil.Process]:
    servers = processes(settings).values()
    return [member for server in servers for member in [server, *server.children(recursive=True)]]


def command_line(member: psutil.Process) -> str:
    """Empty for one that has just ended."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return " ".join(member.cmdline())
    return ""


def assert_all_work(settings: Settings) -> None:
    assert connections.clickhouse(settings).query("select 1").result_rows == [(1,)]
    with connections.postgres(settings) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    assert connections.s3(settings).list_objects_v2(Bucket=settings.s3.path)["Name"] == settings.s3.path
