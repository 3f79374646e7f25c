"""Transport `ssh`: the PostgreSQL host fetches the parts itself and loads them over its local socket.

Three short commands start, query and stop a job there (see ssh_job). No connection has to stay open between them.
"""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING

from psycopg import sql
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from stir import connections
from stir.connections import Target
from stir.errors import StirError
from stir.publish import ddl, partitions
from stir.publish.export.manifest import Manifest
from stir.publish.load import ssh_job
from stir.publish.load.refused_values import bad_text
from stir.publish.load.stream import read_manifest
from stir.publish.progress import UNWATCHED, Observer
from stir.publish.session import writer
from stir.publish.spec import PublishSpec
from stir.publish.state import PublishState
from stir.settings import Settings

if TYPE_CHECKING:
    import paramiko

ATTEMPTS = 5
"""How often a command is repeated after a broken connection, and a lost job is started again."""
POLL = 0.2
"""Seconds between two status queries."""
TIMEOUT = 3600.0
"""Seconds after which a job is stopped."""
ADDRESS_LIFE = 2 * 3600
"""Seconds for which the parts' addresses are valid."""
ANSWER = 30.0
"""Seconds that a short command may take."""


class Host:
    """The PostgreSQL host, as the account that may load there.

    Raises:
        StirError: it is not configured, has an unknown host key, or refuses the login.
    """

    def __init__(self, settings: Settings) -> None:
        if settings.ssh is None:
            raise StirError(
                "no PostgreSQL host to log in to is configured",
                where="STIR_SSH_URL",
                do="set it to ssh://user@host:port",
            )
        self._endpoint, self._settings = settings.ssh, settings

    def run(self, script: str) -> str:
        """Run a short shell script; repeat it if the connection breaks. Every script may run twice."""
        import paramiko

        attempts = Retrying(
            retry=retry_if_exception_type((OSError, EOFError, paramiko.SSHException)),
            wait=wait_exponential(0.2, max=5),
            stop=stop_after_attempt(ATTEMPTS),
            reraise=True,
        )
        try:
            return attempts(self._run_once, script)
        except (OSError, EOFError, paramiko.SSHException) as error:
            raise StirError(
                f"the PostgreSQL host does not answer: {error or type(error).__name__}",
                where=f"{self._endpoint!r}",
                do="check that sshd runs there and accepts the key (STIR_SSH_KEY_FILE, STIR_SSH_KNOWN_HOSTS)",
            ) from error

    def _run_once(self, script: str) -> str:
        with self._connect() as client:
            stdin, stdout, stderr = client.exec_command("sh -s", timeout=ANSWER)
            stdin.write(script)
            stdin.channel.shutdown_write()
            answer = str(stdout.read(), errors="replace")
            if (code := stdout.channel.recv_exit_status()) != 0:
                complaint = stderr.read().decode(errors="replace").strip().partition("\n")[0]
                if code < 0:  # the session was cut before it could answer
                    raise EOFError(complaint or "the session ended")
                raise StirError(f"a command on the PostgreSQL host failed: {complaint}", where=repr(self._endpoint))
            return answer

    def _connect(self) -> paramiko.SSHClient:
        import paramiko

        client = paramiko.SSHClient()
        known = self._settings.ssh_known_hosts
        client.load_host_keys(str(known)) if known else client.load_system_host_keys()
        client.set_missing_host_key_policy(paramiko.RejectPolicy())
        key = self._settings.ssh_key_file
        client.connect(
            self._endpoint.host,
            port=self._endpoint.port or 22,
            username=self._endpoint.user,
            key_filename=str(key) if key else None,
            allow_agent=key is None,
            look_for_keys=key is None,
            timeout=10,
            banner_timeout=10,
            auth_timeout=10,
        )
        return client


def load(settings: Settings, state: PublishState, observer: Observer = UNWATCHED) -> PublishState:
    """Let the host load every part of the manifest. A second call for the same export joins the first call's job.

    Raises:
        StirError: the host refuses, the job failed, or it took too long and was stopped.
    """
    from dataclasses import replace

    manifest = read_manifest(settings, state)
    # The name depends on the content, so that every attempt uses the same job and the same table.
    table = state.spec.stored_name(state.token + hashlib.sha256(state.manifest.encode()).hexdigest()[:4])
    key = f"{state.target}-{table}"
    host, folder = Host(settings), settings.ssh_folder
    if not _is_loaded(settings, state, table):
        try:
            _see_through(settings, state, observer, host, key, _start(settings, state, manifest, table, key))
        except StirError:
            # Another caller of the same job may have finished and cleaned up meanwhile, so the database decides.
            if not _is_loaded(settings, state, table):
                raise
    observer.reached("remote job ended")
    if not _is_loaded(settings, state, table):
        raise StirError(
            f"the host reports that {state.name} is loaded, but the database has no such table",
            where=f"stir.{table}",
            do="check that both use the same database (STIR_SSH_SERVICE)",
        )
    host.run(ssh_job.stop_script(folder, key))
    observer.moved(loaded=manifest.size)
    observer.reached("loaded")
    return replace(state, loaded=table, loaded_xid="")


def stop(settings: Settings, spec: PublishSpec, target: Target, token: str) -> None:
    """Stop the jobs of a dead run, and remove their files from the host."""
    Host(settings).run(ssh_job.stop_script(settings.ssh_folder, f"{target}-{spec.stored_name(token)}*"))


def _start(settings: Settings, state: PublishState, manifest: Manifest, table: str, key: str) -> str:
    """The script that starts the job. It contains secrets, so it is sent through standard input."""
    s3 = connections.s3(settings)
    files = {"load.sql": ssh_job.load_sql(state, table, manifest.parts)}
    for part in manifest.parts:
        place = {"Bucket": settings.s3.path, "Key": part.key}
        address = s3.generate_presigned_url("get_object", Params=place, ExpiresIn=ADDRESS_LIFE)
        files[ssh_job.part_file(part)] = f'url = "{address}"\n'
    service = settings.ssh_service.format(target=state.target)
    return ssh_job.start_script(settings.ssh_folder, key, settings.ssh_psql, service, files)


def _see_through(settings: Settings, state: PublishState, observer: Observer, host: Host, key: str, start: str) -> None:
    """Start or join the job and wait for its end; begin again if it was lost."""
    deadline = time.monotonic() + TIMEOUT
    for _ in range(ATTEMPTS):
        observer.stage("load", f"on the host: {host.run(start).strip()}")
        observer.reached("remote job started")
        while (answer := host.run(ssh_job.ask_script(settings.ssh_folder, key))).startswith("running"):
            if time.monotonic() > deadline:
                host.run(ssh_job.stop_script(settings.ssh_folder, key))
                raise StirError(
                    f"loading {state.name} took longer than {TIMEOUT:g} s and was stopped",
                    where=f"{settings.ssh!r}",
                    do="find out what slows the host down; readers keep what they have",
                )
            time.sleep(POLL)
        verdict, _, complaint = answer.partition("\n")
        if verdict == "ended 0":
            return
        if verdict != "lost":
            host.run(ssh_job.stop_script(settings.ssh_folder, key))
            reason = bad_text(settings, state) or _first_error(complaint)
            raise StirError(
                f"the host could not load {state.name}: {reason}",
                where=f"{settings.ssh!r}",
                do="publish again; readers keep what they have",
            )
    raise StirError(f"the load of {state.name} was lost {ATTEMPTS} times", where=f"{settings.ssh!r}")


def _first_error(complaint: str) -> str:
    """The decisive line in the output of psql and the programs, without rows that psql may quote."""
    lines = [line.strip() for line in complaint.splitlines() if line.strip()]
    if programs := [line for line in lines if line.startswith(("curl:", "zstd:", "sh:"))]:
        return programs[0][:200]
    named = next((line for line in lines if "ERROR:" in line), lines[0] if lines else "it gave no reason")
    return named.rpartition("ERROR:")[2].strip().split('"')[0][:200]


def _is_loaded(settings: Settings, state: PublishState, table: str) -> bool:
    """Whether the table exists. One transaction creates and fills it, so an existing table is complete."""
    with writer(settings, state.target, purpose=f"{state.name} load") as connection:
        tables = partitions.loaded_tables(state, table)
        if not all(connections.table_exists(connection, f"{ddl.SCHEMA}.{name}") for name in tables.values()):
            return False
        row = connection.execute(sql.SQL("select {}").format(partitions.count_statement(tables.values()))).fetchone()
        return row == (partitions.loaded_rows(state),)
