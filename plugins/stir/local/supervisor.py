"""Starts, checks and stops the embedded services of one checkout."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from dotenv import dotenv_values

from stir.addresses import Endpoint
from stir.errors import StirError
from stir.local.broker import BrokerService
from stir.local.clickhouse.service import ClickHouseService
from stir.local.machine import process
from stir.local.machine.credentials import Credentials
from stir.local.machine.layout import Layout, write_private
from stir.local.machine.ports import Ports
from stir.local.postgres.service import PostgresService
from stir.local.s3 import S3Service
from stir.local.service import EmbeddedService
from stir.settings import URL_FIELDS, Settings, env_files

SERVICES: dict[str, type[EmbeddedService]] = {
    service.name: service for service in (ClickHouseService, PostgresService, S3Service, BrokerService)
}
_HEADER = "# Written by `stir up` for the embedded services. To use your own servers, set these in .env instead.\n"

Say = Callable[[str], None]


@dataclass(frozen=True)
class Outcome:
    """The outcome for one service."""

    name: str
    port: int
    milliseconds: float
    started: bool


class Supervisor:
    """The services of one state folder."""

    def __init__(self, settings: Settings, say: Say = lambda line: None) -> None:
        self.layout = Layout(settings.state_dir.resolve())
        self._say = say
        self._given = settings
        self.written = dotenv_values(self.layout.services_env) if self.layout.services_env.exists() else {}
        self.credentials = Credentials.load(self.layout)
        self.external = frozenset(name for name, kind in SERVICES.items() if self._is_external(kind))

    def _is_external(self, kind: type[EmbeddedService]) -> bool:
        """Whether the service's URL is the user's own: neither ours from services.env, nor an older one of ours that a
        shell still has from `stir env`."""
        field = kind.settings_fields[0]
        value = getattr(self._given, field)
        if value is None or value.get_secret_value() == self.written.get(_variable(field)):
            return False
        return Endpoint(value.get_secret_value()).password not in self.credentials

    def used(self) -> list[str]:
        """The services that this checkout uses: those that every command may need, and embedded ones asked for before.
        The user's own broker is for commands that ask for it, so that one that is away disturbs no other command."""
        return [
            name
            for name, kind in SERVICES.items()
            if not kind.on_demand or (name not in self.external and self.service(name).used)
        ]

    def ensure(self, names: Iterable[str] | None = None) -> list[Outcome]:
        """Start services that are not healthy, by default those in use, and check the user's own servers.

        Raises:
            StirError: one of them cannot be started or used. The others keep running.
        """
        wanted = self.used() if names is None else list(names)
        for name in wanted:
            if name in self.external:
                self._check_external(name)
        ours = [name for name in wanted if name not in self.external]
        for name in ours:
            self.service(name).check_settings()
        outcomes = self._healthy(ours)
        if outcomes is None or (ours and self._rendered() != self._read_env()):
            outcomes = self._repair(ours)
        self._refresh_environment()
        return outcomes

    def stop(self, names: Iterable[str] = tuple(SERVICES)) -> list[str]:
        """End the embedded services of this checkout; the names of those that ran."""
        if not self.layout.root.exists():
            return []
        with self.layout.lock(), ThreadPoolExecutor(len(SERVICES)) as pool:
            chosen = list(names)
            stopped = list(pool.map(lambda name: self.service(name).stop(), chosen))
        return [name for name, ran in zip(chosen, stopped, strict=True) if ran]

    def service(self, name: str) -> EmbeddedService:
        """The service of this name."""
        service = SERVICES[name](self._given, self.layout, self.credentials)
        if isinstance(service, ClickHouseService):
            service.s3_url = self._s3_url()
            service.s3_is_external = "s3" in self.external
        return service

    def settings(self) -> Settings:
        """The settings with the addresses that are valid now."""
        chosen = self._given.model_fields_set - set(URL_FIELDS)
        values: dict[str, Any] = {field: getattr(self._given, field) for field in chosen}
        for name in self.external:
            values |= {field: getattr(self._given, field) for field in SERVICES[name].settings_fields}
        return Settings(_env_file=env_files(self.layout.root), **values)

    def _healthy(self, names: list[str]) -> list[Outcome] | None:
        """All of them, if all are up; quick."""
        outcomes = []
        for name in names:
            service = self.service(name)
            began = time.perf_counter()
            port = service.running_port()
            if port is None or not service.answers(port):
                return None
            process.trim_log(service.log)
            if getattr(self._given, f"local_{name}_port") not in (None, port):
                self._say(f"{service.title} runs on port {port}; to move it, `stir down` first")
            outcomes.append(Outcome(name, port, _since(began), started=False))
        return outcomes

    def _repair(self, names: list[str]) -> list[Outcome]:
        try:
            self.layout.create()
            for name in names:
                if self.service(name).process() is None:
                    self.service(name).fetch()
            with self.layout.lock():
                self.credentials = Credentials.load_or_create(self.layout)
                self._claim_ports(names)
                with ThreadPoolExecutor(len(SERVICES)) as pool:
                    running = [pool.submit(self._start, name) for name in names]
                errors = [error for task in running if (error := task.exception())]
                write_private(self.layout.services_env, self._rendered())
                if errors:
                    raise errors[0]
                return [task.result() for task in running]
        except OSError as error:
            raise StirError(
                f"the embedded services cannot be prepared: {error.strerror or error}",
                where=str(error.filename or self.layout.root),
                do="free some space or correct the permissions, then try again",
            ) from None

    def _claim_ports(self, names: list[str]) -> None:
        """Decide all ports before anything starts: ClickHouse's configuration holds the address of S3."""
        ports = Ports(self.layout)
        for name in SERVICES:
            if name in self.external:
                continue
            service = self.service(name)
            service.settle()
            port = service.served_port()
            if port is not None:
                ports.remember(name, port)
            elif name in names or (ports.get(name) is None and not service.on_demand):
                _, note = ports.claim(name, getattr(self._given, f"local_{name}_port"))
                if note:
                    self._say(note)

    def _start(self, name: str) -> Outcome:
        service = self.service(name)
        began = time.perf_counter()
        port = service.running_port()
        if port is not None and service.wait_for_answer(port):
            return Outcome(name, port, _since(began), started=False)
        if service.process() is not None:
            self._say(f"{service.title} is restarted, because a service that it depends on has moved")
        service.stop()
        port = Ports(self.layout).get(name)
        if port is None:
            raise StirError(f"{service.title} has no port", where=str(self.layout.ports), do="run `stir up` again")
        process.trim_log(service.log)
        service.start(port)
        return Outcome(name, port, _since(began), started=True)

    def _s3_url(self) -> str | None:
        if "s3" in self.external:
            given = self._given.s3_url
            return given.get_secret_value() if given else None
        port = Ports(self.layout).get("s3")
        if port is None or not self.credentials:
            return None
        return S3Service(self._given, self.layout, self.credentials).urls(port)["s3_url"]

    def _rendered(self) -> str:
        """What services.env is to hold: all embedded services that have a port. Not by what this command has as its
        own servers, for the file is every command's; who reads it leaves out what another address replaces."""
        ports = Ports(self.layout)
        lines = [_HEADER]
        for name in SERVICES:
            port = ports.get(name)
            if port is not None and self.credentials:
                lines += [f"{_variable(field)}={url}\n" for field, url in self.service(name).urls(port).items()]
        return "".join(lines)

    def _read_env(self) -> str:
        try:
            return self.layout.services_env.read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""

    def _refresh_environment(self) -> None:
        """Correct addresses of ours that this process inherited from a shell and that are no longer true."""
        current = dotenv_values(self.layout.services_env) if self.layout.services_env.exists() else {}
        for name, kind in SERVICES.items():
            for field in kind.settings_fields:
                variable = _variable(field)
                inherited, valid = os.environ.get(variable), current.get(variable)
                if name not in self.external and inherited and valid and inherited != valid:
                    os.environ[variable] = valid

    def _check_external(self, name: str) -> None:
        from stir.provisioning.logins import CHECKS

        CHECKS[name](self._given)


def _variable(field: str) -> str:
    return f"STIR_{field.upper()}"


def _since(began: float) -> float:
    return (time.perf_counter() - began) * 1000
