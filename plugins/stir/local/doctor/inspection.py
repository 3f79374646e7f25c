"""Finds out which services run, where, and whether they are healthy."""

from __future__ import annotations

import contextlib
import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil

from stir.addresses import BROKER_PORTS, WEB_PORTS, Endpoint
from stir.errors import StirError
from stir.local.supervisor import SERVICES, Supervisor
from stir.provisioning.logins import CHECKS
from stir.settings import Settings

State = Literal["up", "down", "unused", "silent", "troubled", "external"]


@dataclass(frozen=True)
class Status:
    """The current state of one service."""

    name: str
    state: State
    healthy: bool
    address: str = ""
    version: str = ""
    pid: int | None = None
    memory_bytes: int | None = None
    data_bytes: int | None = None
    uptime_seconds: float | None = None
    problem: str = ""


def inspect(settings: Settings) -> list[Status]:
    """Inspect all services and log in to those that run. It starts none."""
    supervisor = Supervisor(settings)
    with ThreadPoolExecutor(len(SERVICES)) as pool:
        return list(pool.map(lambda name: _inspect(supervisor, name), SERVICES))


def _inspect(supervisor: Supervisor, name: str) -> Status:
    settings = supervisor.settings()
    url = getattr(settings, SERVICES[name].settings_fields[0])
    address = _address(name, url.get_secret_value()) if url else ""
    external = name in supervisor.external
    service = supervisor.service(name)
    process = None if external else service.process()
    if not external and process is None and not service.used:
        return Status(name, "unused", healthy=False)
    if not external and process is None:
        return Status(name, "down", healthy=False, data_bytes=_folder_bytes(service.folder))
    version, problem = "", ""
    try:
        version = CHECKS[name](settings)
    except StirError as error:
        problem = error.line
    if external or process is None:
        state: State = "external" if not problem else "troubled"
        return Status(name, state, healthy=not problem, address=address, version=version, problem=problem)
    port = service.served_port()
    silent = port is None or not service.answers(port)
    return Status(
        name,
        "silent" if silent else "troubled" if problem else "up",
        healthy=not problem,
        address=address,
        version=service.version(version) if version else "",
        pid=process.pid,
        memory_bytes=_memory_bytes(process),
        data_bytes=_folder_bytes(service.folder),
        uptime_seconds=round(time.time() - process.create_time(), 1),
        problem=problem,
    )


def _address(name: str, url: str) -> str:
    ports = {"s3": WEB_PORTS, "broker": BROKER_PORTS}
    endpoint = Endpoint(url, ports[name]) if name in ports else Endpoint(url)
    return f"{endpoint.host}:{endpoint.port}"


def _memory_bytes(process: psutil.Process) -> int:
    """Memory of a process and its children; pages that they share count once where the kernel can tell."""
    total = 0
    for member in [process, *process.children(recursive=True)]:
        with contextlib.suppress(psutil.Error):
            memory = member.memory_full_info()
            total += getattr(memory, "pss", memory.rss)
    return total


def _folder_bytes(folder: Path) -> int:
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):  # servers move their files while they are counted
                total += os.lstat(f"{parent}/{name}").st_size
    return total
