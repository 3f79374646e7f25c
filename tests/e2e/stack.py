"""docker-compose.yml without Docker: each service's own command and environment, as a process on this machine."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg
import yaml
from tests.integration.ingest.rabbitmq import RabbitMq

from stir.addresses import LOOPBACK
from stir.local.clickhouse import engine, server_process
from stir.local.machine import probe
from stir.local.machine.ports import find_free
from stir.local.postgres import service as postgres
from stir.settings import PROJECT_DIR, load_settings

from .airflow_runs import wait_for

COMPOSE = yaml.safe_load((PROJECT_DIR / "docker-compose.yml").read_text())
CELERY = yaml.safe_load((PROJECT_DIR / "docker-compose.celery.yml").read_text())
AIRFLOW = ("api-server", "scheduler", "dag-processor", "triggerer")
CELERY_AIRFLOW = (*AIRFLOW, "celery-worker")
EVERYWHERE = "0.0.0.0"  # noqa: S104  (what a container listens on is replaced by loopback here)
IMAGE_CLICKHOUSE = """
<clickhouse>
  <path>{folder}/data/</path><tmp_path>{folder}/tmp/</tmp_path><user_files_path>{folder}/files/</user_files_path>
  <http_port>{port}</http_port><listen_host>{host}</listen_host>
  <user_directories><users_xml><path>{folder}/users.xml</path></users_xml></user_directories>
</clickhouse>
"""
"""What the official image's own configuration says, with this machine's folder and port."""
IMAGE_USERS = """
<clickhouse>
  <quotas><default/></quotas>
  <users><default>
    <no_password/><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota>
  </default></users>
</clickhouse>
"""


class Stack:
    """The services of docker-compose.yml, as far as they were started, with secrets of this stack's own."""

    def __init__(self) -> None:
        # PostgreSQL does not run as root, and whom it runs as must be able to come here.
        self.folder = Path(tempfile.mkdtemp(prefix="stir-stack-"))
        self.folder.chmod(0o755)
        self.ports: dict[str, int] = {}
        for name in ("clickhouse:8123", "postgres:5432", "s3:9000", "api-server:8080"):
            self.ports[name] = find_free(set(self.ports.values()))
        self.services: dict[str, dict[str, Any]] = COMPOSE["services"]
        self.secrets = self._make_secrets()
        self.more: dict[str, str] = {}
        """Variables that every service is given besides its own."""
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in reversed(self._processes):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        for process in reversed(self._processes):
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def url(self) -> str:
        """Of the web UI."""
        return f"http://{LOOPBACK}:{self.ports['api-server:8080']}"

    def hand_tasks_to_celery(self, broker: RabbitMq) -> None:
        """Put docker-compose.celery.yml on top, with a broker that runs already."""
        self.ports["celery-broker:5672"] = broker.port
        self.secrets["STIR_CELERY_PASSWORD"] = broker.password
        self.services = dict(COMPOSE["services"])
        for name, own in CELERY["services"].items():
            below = COMPOSE["services"].get(own.get("extends", {}).get("service", name), {})
            environment = {**below.get("environment", {}), **own.get("environment", {})}
            self.services[name] = {**below, **own, "environment": environment}

    def environment(self, service: str) -> dict[str, str]:
        """A service's environment with the secrets filled in and every container's name turned into a local port."""
        values = self.services[service].get("environment", {})
        return {name: self._here(str(value)) for name, value in values.items()} | {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "PYTHONPATH": str(PROJECT_DIR / "plugins"),
            "STIR_STATE_DIR": str(self.folder / "state"),
            "STIR_CACHE_DIR": str(load_settings().cache_dir),
            "STIR_ENV_FILE": os.devnull,
            **self.more,
        }

    def start_s3(self) -> None:
        """rclone with the container's command."""
        data = self.folder / "s3"
        data.mkdir()
        places = {":9000": f"{LOOPBACK}:{self.ports['s3:9000']}", "/data": str(data)}
        command = [places.get(part, part) for part in COMPOSE["services"]["s3"]["command"]]
        self._spawn("s3", [str(Path(sys.executable).with_name("rclone")), *command])
        self._wait(lambda: probe.http_answers(self.ports["s3:9000"], "/"))

    def start_clickhouse(self) -> None:
        """The same engine with docker/clickhouse on top of what stands for the image's own configuration."""
        folder, port = self.folder / "clickhouse", self.ports["clickhouse:8123"]
        for name in ("config.d", "users.d", "data", "tmp", "files"):
            (folder / name).mkdir(parents=True)
        (folder / "config.xml").write_text(IMAGE_CLICKHOUSE.format(folder=folder, port=port, host=LOOPBACK))
        (folder / "users.xml").write_text(IMAGE_USERS)
        for source, target in (("config", "config.d"), ("users", "users.d")):
            text = (PROJECT_DIR / "docker" / "clickhouse" / f"{source}.xml").read_text()
            # The embedded form of the server works as `default`; the image's does not.
            text = text.replace('<default remove="remove" />', "").replace("::/0", LOOPBACK)
            (folder / target / "stir.xml").write_text(text)
        library = engine.ensure_engine(load_settings())
        command = [sys.executable, "-I", server_process.__file__, str(library), str(folder / "config.xml")]
        self._spawn("clickhouse", command)
        self._wait(lambda: probe.http_answers(port, "/ping", expect=b"Ok."))

    def start_postgres(self) -> None:
        """initdb with the image's arguments, then the container's command."""
        values = self.environment("postgres")
        data, secret = self.folder / "postgres", self.folder / "password"
        secret.write_text(values["POSTGRES_PASSWORD"])
        user = "nobody" if os.geteuid() == 0 else None
        data.mkdir(mode=0o700)
        if user:
            for path in (data, secret):
                os.chown(path, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)
        arguments = [*values["POSTGRES_INITDB_ARGS"].split(), f"--username={values['POSTGRES_USER']}"]
        command = [str(postgres.binary("initdb")), "-D", str(data), f"--pwfile={secret}", *arguments]
        done = subprocess.run(command, user=user, capture_output=True, text=True, env={"LC_ALL": "C.UTF-8"}, cwd="/")
        assert done.returncode == 0, done.stderr
        program, *options = COMPOSE["services"]["postgres"]["command"]
        place = ["-p", str(self.ports["postgres:5432"]), "-c", f"listen_addresses={LOOPBACK}"]
        command = [str(postgres.binary(program)), "-D", str(data), *options, *place, "-c", "unix_socket_directories="]
        self._spawn("postgres", command, user=user)
        self._wait(lambda: probe.postgres_answers(self.ports["postgres:5432"]))

    def stir(self, service: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the container's command, or another stir command in its environment."""
        command = list(arguments) or self.services[service]["command"]
        environment = self.environment(service)
        return subprocess.run(
            [sys.executable, "-P", "-m", "stir", *command],
            env=environment,
            cwd=PROJECT_DIR,
            capture_output=True,
            text=True,
        )

    def start_airflow(self, names: Iterable[str]) -> None:
        """Airflow's processes with their containers' commands."""
        for name in names:
            self._spawn(name, [sys.executable, "-P", "-m", "stir", *self.services[name]["command"]])

    def healthcheck(self, service: str) -> bool:
        """What a stir container's own health check says."""
        kind, program, *arguments = self.services[service]["healthcheck"]["test"]
        assert (kind, program) == ("CMD", "./stir")
        return self.stir(service, *(self._here(argument) for argument in arguments)).returncode == 0

    def connect(self, role: str, database: str) -> psycopg.Connection:
        """A PostgreSQL connection with a password of .env."""
        password = self.secrets[f"STIR_POSTGRES_{role.upper()}_PASSWORD"]
        user = {"writer": "stir_writer", "reader": "stir_reader", "admin": "stir_admin"}.get(role, role)
        port = self.ports["postgres:5432"]
        return psycopg.connect(host=LOOPBACK, port=port, user=user, password=password, dbname=database)

    def log(self, service: str) -> str:
        """What a process has written."""
        return (self.folder / f"{service}.log").read_text(errors="replace")

    def _make_secrets(self) -> dict[str, str]:
        script = self.folder / "checkout" / "docker" / "make-secrets"
        script.parent.mkdir(parents=True)
        shutil.copy2(PROJECT_DIR / "docker" / "make-secrets", script)
        subprocess.run([str(script)], check=True, capture_output=True)
        lines = (self.folder / "checkout" / ".env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)

    def _here(self, text: str) -> str:
        text = re.sub(r"\$\{(\w+):\?[^}]*\}", lambda match: self.secrets[match[1]], text)
        text = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)
        for name, port in self.ports.items():
            text = text.replace(name, f"{LOOPBACK}:{port}")
        own = str(self.ports["api-server:8080"])
        return {"8080": own, EVERYWHERE: LOOPBACK}.get(text, text.replace(":8080", f":{own}"))

    def _spawn(self, service: str, command: list[str], user: str | None = None) -> None:
        log = (self.folder / f"{service}.log").open("wb")
        environment = self.environment(service)
        process = subprocess.Popen(
            command, env=environment, stdout=log, stderr=log, user=user, cwd="/", start_new_session=True
        )
        self._processes.append(process)

    def _wait(self, ready: Any) -> None:
        wait_for(ready, "a server of the stack to answer")
