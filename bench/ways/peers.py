"""Other tools that move a table, installed from PyPI into an environment of their own, each run as its users run it."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from stir.errors import StirError
from stir.publish.session import writer
from stir.settings import Settings
from ways.table import Bench

SLING = "sling-{system}-{machine}"
PACKAGES = ("dlt[postgres]==1.31.0", "adbc-driver-postgresql==1.13.0", "pyarrow==26.0.1", "clickhouse-connect==1.12.0")
SLING_VERSION = "1.4.11"
"""The newest whose program itself is on PyPI; later ones download it from elsewhere."""


class Peers:
    """dlt, sling and ADBC, in a folder that outlasts a run."""

    def __init__(self, settings: Settings, bench: Bench) -> None:
        self._settings, self._bench = settings, bench
        self._folder = settings.cache_dir / "bench-peers"
        self._scripts = Path(__file__).parent

    def ways(self) -> dict[str, Callable[[], None]]:
        """Name to function."""
        return {"sling full-refresh": self.sling, "dlt CSV replace": self.dlt, "ADBC binary COPY": self.adbc}

    def install(self) -> None:
        """Make the environment once.

        Raises:
            StirError: pip could not.
        """
        system = {"linux": "linux", "darwin": "mac"}[sys.platform]
        machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
        wanted = [*PACKAGES, f"{SLING.format(system=system, machine=machine)}=={SLING_VERSION}"]
        mark = self._folder / "installed.json"
        if mark.exists() and json.loads(mark.read_text()) == wanted:
            return
        venv.create(self._folder, with_pip=True, clear=True)
        done = subprocess.run(
            [self._python, "-m", "pip", "install", "-q", *wanted], check=False, capture_output=True, text=True
        )
        if done.returncode:
            raise StirError(
                f"the peers could not be installed: {done.stderr.strip().splitlines()[-1]}",
                do="run with --no-peers, or let pip reach PyPI",
            )
        mark.write_text(json.dumps(wanted))

    @property
    def _python(self) -> str:
        return str(self._folder / "bin" / "python")

    def sling(self) -> None:
        """Its command line, full refresh."""
        program = next(self._folder.glob("lib/python*/site-packages/sling_*/bin/sling-*"))
        program.chmod(0o755)
        source, target = self._settings.clickhouse, urlsplit(self._settings.postgres_dsn())
        clickhouse = {
            "type": "clickhouse",
            "http_url": f"http://{source.user}:{source.password}@{source.host}:{source.port}/"
            f"{self._settings.clickhouse_database}",
        }
        self._run(
            [
                str(program), "run", "--src-conn", "CH", "--src-stream", self._bench.mart,
                "--tgt-conn", "PG", "--tgt-object", "stir.by_sling", "--mode", "full-refresh",
            ],
            {
                "CH": json.dumps(clickhouse),
                "PG": f"{target.geturl()}?sslmode=disable",
                "SLING_DISABLE_TELEMETRY": "true",
            },
        )  # fmt: skip
        self._bench.finish("by_sling")

    def dlt(self) -> None:
        """A resource of Arrow tables, loaded through CSV files, replacing the table."""
        # It keeps books of its own beside the table, which must not outlive it.
        with writer(self._settings, "prod") as connection:
            connection.execute("drop schema if exists by_dlt cascade")
        self._run([self._python, str(self._scripts / "run_dlt.py")], {})
        with writer(self._settings, "prod") as connection:
            connection.execute("alter table by_dlt.by_dlt set schema stir")
        self._bench.finish("by_dlt")

    def adbc(self) -> None:
        """Arrow record batches into the driver's binary COPY."""
        self._run([self._python, str(self._scripts / "run_adbc.py")], {})
        self._bench.finish("by_adbc")

    def _run(self, command: list[str], more: dict[str, str]) -> None:
        source = self._settings.clickhouse
        with writer(self._settings, "prod") as connection:
            for name in ("by_sling", "by_dlt", "by_adbc"):
                connection.execute(f"drop table if exists stir.{name}".encode())
        variables = {
            **os.environ,
            "BENCH_CLICKHOUSE": json.dumps([source.host, source.port, source.user, source.password]),
            "BENCH_POSTGRES": self._settings.postgres_dsn(),
            "BENCH_TABLE": self._bench.mart,
            "BENCH_MAPS": json.dumps([c.name for c in self._bench.spec.columns if c.type.startswith("Map")]),
            "DLT_DATA_DIR": tempfile.mkdtemp(dir=self._bench.folder),
            "RUNTIME__DLTHUB_TELEMETRY": "false",
            **more,
        }
        done = subprocess.run(command, env=variables, check=False, capture_output=True, text=True)
        if done.returncode:
            lines = [line for line in (done.stderr or done.stdout).splitlines() if "rror" in line] or [
                "no reason given"
            ]
            tail = lines[-1:]
            raise StirError(f"{Path(command[1] if len(command) < 3 else command[0]).name} failed: {' '.join(tail)}")
