"""Airflow's configuration for this checkout as environment variables. Its secrets are created once and kept.

Everything listens on 127.0.0.1 only, metadata is in PostgreSQL, and secrets are in files of mode 0600.
"""

from __future__ import annotations

import json
import os
import secrets
from base64 import urlsafe_b64encode
from dataclasses import asdict, dataclass
from pathlib import Path

from stir.addresses import LOOPBACK
from stir.local.machine.layout import Layout, read_json, write_private
from stir.local.machine.ports import Ports
from stir.settings import PROJECT_DIR, Settings

SERVICE = "airflow"
USER = "admin"
OVERRIDE = "STIR_AIRFLOW__"


@dataclass(frozen=True)
class Identity:
    """The login and the keys that the processes share. They are created once per checkout and kept."""

    password: str
    jwt_secret: str
    fernet_key: str
    session_key: str


def layout(settings: Settings) -> Layout:
    """The layout of this checkout's state folder."""
    return Layout(settings.state_dir.absolute())


def home(settings: Settings) -> Path:
    """AIRFLOW_HOME: task logs, the generated configuration, our own records."""
    return layout(settings).service(SERVICE)


def identity(settings: Settings) -> Identity:
    """The identity of this checkout's Airflow, created at the first call."""
    path = home(settings) / "identity.json"
    kept = read_json(path)
    if kept:
        return Identity(**kept)
    made = Identity(
        password=secrets.token_urlsafe(12),
        jwt_secret=secrets.token_urlsafe(32),
        fernet_key=urlsafe_b64encode(os.urandom(32)).decode(),
        session_key=secrets.token_urlsafe(32),
    )
    write_private(passwords_file(settings), json.dumps({USER: made.password}))
    write_private(path, json.dumps(asdict(made)))
    return made


def passwords_file(settings: Settings) -> Path:
    """Where Airflow's simple auth manager reads its users' passwords."""
    return home(settings) / "passwords.json"


def port(settings: Settings) -> int:
    """The port of the web UI: the one of the last start, or the one that the next start will take."""
    known = Ports(layout(settings)).get(SERVICE)
    if known:
        return known
    with layout(settings).lock():
        return Ports(layout(settings)).claim(SERVICE, None)[0]


def base_url(settings: Settings) -> str:
    """Address of the web UI and of the API."""
    return f"http://{LOOPBACK}:{port(settings)}"


def airflow_environment(settings: Settings) -> dict[str, str]:
    """The AIRFLOW__* variables of this checkout, for the processes of `stir airflow` and for the `airflow` command.

    An AIRFLOW__* variable of the shell may belong to another installation, so it does not count here; any option is
    set by the same name behind STIR_, for example STIR_AIRFLOW__CORE__PARALLELISM=8.
    """
    who, url = identity(settings), base_url(settings)
    chosen = {name.removeprefix("STIR_"): value for name, value in os.environ.items() if name.startswith(OVERRIDE)}
    values = {
        "AIRFLOW_HOME": str(home(settings)),
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT_DIR / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT_DIR / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        # A laptop must not start the whole schedule at once: a DAG runs by the clock after somebody has unpaused it.
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "True",
        "AIRFLOW__CORE__FERNET_KEY": who.fernet_key,
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords_file(settings)),
        "AIRFLOW__CORE__DEFAULT_TASK_RETRY_DELAY": "60",
        "AIRFLOW__CORE__MAX_TASK_RETRY_DELAY": "900",
        # What a killed scheduler had running is tried again a minute after it is back, not five.
        "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "60",
        "AIRFLOW__API__HOST": LOOPBACK,
        "AIRFLOW__API__PORT": str(port(settings)),
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__API__SECRET_KEY": who.session_key,
        "AIRFLOW__API_AUTH__JWT_SECRET": who.jwt_secret,
        # The one API worker answers late on a busy machine; after five seconds a task would lose its try.
        "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "60",
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "30",
        # A file that has changed is parsed within REFRESH_INTERVAL whatever this says; to parse all 76 costs ten
        # seconds of processor, which every minute would be a tenth of a laptop.
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "300",
    }
    if settings.log_format == "json":  # of its processes; the logs of tasks are JSON in their files in any case
        values["AIRFLOW__LOGGING__JSON_LOGS"] = "True"
    if settings.airflow_database_url is not None:
        database = settings.airflow_database_url.get_secret_value()
        values["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] = database.replace("postgresql://", "postgresql+psycopg2://", 1)
    return values | chosen
