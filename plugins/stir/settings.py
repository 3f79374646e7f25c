"""All settings of stir, with their types.

Values come, strongest first, from the environment (`STIR_*`), from `.env` in the checkout, and from
`<state_dir>/services.env`, which `stir up` writes for the embedded services. A URL that is set in the environment or
in `.env` points at the user's own server; stir then neither starts nor stops that service.
"""

from __future__ import annotations

import logging
import os
from functools import cached_property
from pathlib import Path
from typing import Literal

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic.config import JsonDict
from pydantic_settings import BaseSettings, SettingsConfigDict

from stir.addresses import ADDRESSES, BROKER_PORTS, SERVERS, WEB_PORTS, Endpoint
from stir.clickhouse_databases import database_fault
from stir.errors import StirError
from stir.moments import moment_fault

# It warns of a line that it cannot read whenever the file is read; the command does so once (stir.local.variables).
logging.getLogger("dotenv.main").setLevel(logging.ERROR)

PROJECT_DIR = Path(__file__).resolve().parents[2]
"""Root of this checkout."""


def _default_cache_dir() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "stir"


SCOPES = {
    "command": "applies to the command that has it and to the processes that it starts; running servers do not change",
    "server": "an embedded server reads it when it starts: put it into .env, then run `./stir down` and `./stir up`;"
    " a command with another value is refused or prints a warning while the server runs on",
    "checkout": "the place where a checkout keeps its state: another value means another checkout",
}
"""The scopes of a setting. A field without a scope belongs to the command."""
CHECKOUT: JsonDict = {"scope": "checkout"}
SERVER: JsonDict = {"scope": "server"}


def scope_of(field: str) -> str:
    """The scope of a field of Settings, one of SCOPES."""
    extra = Settings.model_fields[field].json_schema_extra
    return str(extra["scope"]) if isinstance(extra, dict) else "command"


class Settings(BaseSettings):
    """All configuration of one checkout."""

    model_config = SettingsConfigDict(env_prefix="STIR_", extra="ignore", frozen=True)

    state_dir: Path = Field(
        PROJECT_DIR / ".stir",
        description="data, logs, ports and passwords of this checkout",
        json_schema_extra=CHECKOUT,
    )
    cache_dir: Path = Field(
        default_factory=_default_cache_dir,
        description="downloaded engines, shared by checkouts",
        json_schema_extra=CHECKOUT,
    )

    clickhouse_url: SecretStr | None = Field(None, description="http(s)://writer:password@host:port")
    clickhouse_reader_url: SecretStr | None = Field(None, description="the same server as a read-only user")
    clickhouse_scorer_url: SecretStr | None = Field(None, description="the same server as the scorer of followers")
    clickhouse_database: str = Field("stir", description="database that dbt builds into")
    clickhouse_threads: int = Field(4, ge=1, description="models that dbt builds at once")
    clickhouse_query_memory: int = Field(4_000_000_000, ge=100_000_000, description="bytes of memory of a query")

    postgres_url: SecretStr | None = Field(None, description="postgresql://writer:password@host:port/database")
    postgres_staging_url: SecretStr | None = Field(None, description="the staging target: another database")
    postgres_reader_url: SecretStr | None = Field(None, description="the production database as the application's user")
    postgres_admin_url: SecretStr | None = Field(None, description="a superuser; embedded server only")
    airflow_database_url: SecretStr | None = Field(None, description="Airflow's metadata database")
    beat_database_url: SecretStr | None = Field(None, description="beat's database, which holds the scrape queue")

    s3_url: SecretStr | None = Field(
        None, description="http(s)://key:secret@host:port/bucket", json_schema_extra=SERVER
    )
    s3_named_collection: str = Field(
        "stir_s3", description="ClickHouse named collection that holds the S3 credentials", json_schema_extra=SERVER
    )

    broker_url: SecretStr | None = Field(
        None, description="the message broker: nats://user:password@host:4222 or amqp://user:password@host:5672/vhost"
    )
    broker_management_url: SecretStr | None = Field(None, description="RabbitMQ's management API: http://host:15672")

    publish_transport: Literal["stream", "ssh"] = Field("stream", description="way of loading: stream or ssh")
    ssh_url: str | None = Field(None, description="ssh://user@host:port of the PostgreSQL host, for transport ssh")
    ssh_key_file: Path | None = Field(None, description="private key; by default the keys of the agent and the user")
    ssh_known_hosts: Path | None = Field(None, description="file with the host's key; by default ~/.ssh/known_hosts")
    ssh_psql: str = Field("psql", description="name or path of psql on that host")
    ssh_service: str = Field(
        "stir_{target}", description="libpq service on that host for the database; {target} is replaced by the target"
    )
    ssh_folder: str = Field(".stir-publish", description="folder for the jobs on that host, below the login's home")
    publish_stopped_feed: Literal["warn", "refuse"] = Field(
        "warn", description="what guard `freshness` does about a table over a feed that has stopped"
    )
    publish_end_idle: float | None = Field(
        None, ge=1, description="seconds after which a swap ends readers that idle in a transaction; none by default"
    )

    local_clickhouse_port: int | None = Field(
        None, description="port for the embedded ClickHouse; a free one by default", json_schema_extra=SERVER
    )
    local_postgres_port: int | None = Field(
        None, description="port for the embedded PostgreSQL; a free one by default", json_schema_extra=SERVER
    )
    local_s3_port: int | None = Field(
        None, description="port for the embedded S3 server; a free one by default", json_schema_extra=SERVER
    )
    local_broker_port: int | None = Field(
        None, description="port for the embedded message broker; a free one by default", json_schema_extra=SERVER
    )

    quarantine_key: SecretStr | None = Field(None, description="Fernet keys, newest first; by default a file's")
    credentials_key: SecretStr | None = Field(None, description="the same of the collector's credentials")
    keep_quarantine_days: int = Field(30, ge=1, description="days until closed records in quarantine are deleted")

    language_model_tokens: int = Field(2_000_000, ge=0, description="tokens per day that inference requests may use")
    keep_artifacts_days: int = Field(30, ge=1, description="days until the dbt artifacts of a task are deleted")
    keep_exports_days: int = Field(7, ge=1, description="days until exports of no known publish run are deleted")
    keep_logs_days: int = Field(30, ge=1, description="days until Airflow's task logs are deleted")
    keep_requests_days: int = Field(
        90, ge=7, description="days until answered requests and closed breaches are deleted"
    )
    keep_temporary_tables_hours: int = Field(
        24, ge=12, description="hours until tables that dbt left behind are deleted"
    )

    lineage: str | None = Field(
        None,
        pattern=r"^(off|https?://[^@]+|/.*)$",
        description="where OpenLineage events go: http(s)://host, a folder (/...) or off; by default .stir/lineage",
    )
    lineage_key: SecretStr | None = Field(None, description="API key for that address")
    log_format: Literal["text", "json"] = Field("text", description="how commands and tasks write their log lines")

    app_readers: SecretStr | None = Field(None, description="name:token,... of who may look at the app's /operate")
    app_operators: SecretStr | None = Field(None, description="name:token,... of those who may also act there")

    docs_url: str | None = Field(None, description="where `stir docs` is served, for links of dbt tasks in Airflow")

    as_of: str | None = Field(None, description="ISO time that replaces now() in every model")

    @field_validator("clickhouse_database")
    @classmethod
    def _check_database(cls, name: str) -> str:
        if fault := database_fault(name, within_backfill="STIR_BACKFILL" in os.environ):
            raise ValueError(fault)
        return name

    @field_validator("as_of")
    @classmethod
    def _check_moment(cls, text: str | None) -> str | None:
        moment = (text or "").strip()
        if moment and (fault := moment_fault(moment)):
            raise ValueError(fault)
        return moment or None

    @field_validator(*ADDRESSES, mode="before")
    @classmethod
    def _drop_empty_address(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator(*ADDRESSES)
    @classmethod
    def _check_address(cls, value: SecretStr | str | None, info: ValidationInfo) -> SecretStr | str | None:
        kind = ADDRESSES[info.field_name or ""]
        address = value.get_secret_value() if isinstance(value, SecretStr) else value
        if address is not None and (fault := kind.fault(address)):
            # Each of / # ? would end the host's part, and % begins a code.
            codes = "where a password has / # ? or %, write %2F %23 %3F or %25"
            raise ValueError(f"{fault}; it should look like {kind.example}; {codes}")
        return value

    @cached_property
    def clickhouse(self) -> Endpoint:
        """ClickHouse as the writer (dbt, world, export)."""
        return self._endpoint("clickhouse_url")

    @cached_property
    def clickhouse_reader(self) -> Endpoint:
        """ClickHouse as the read-only user; the writer where no reader is configured."""
        return self._endpoint("clickhouse_reader_url" if self.clickhouse_reader_url else "clickhouse_url")

    @property
    def ssh(self) -> Endpoint | None:
        """The PostgreSQL host to log in to, None if there is none."""
        return Endpoint(self.ssh_url, {"ssh": 22}) if self.ssh_url else None

    @cached_property
    def s3(self) -> Endpoint:
        """The S3 endpoint; its path is the bucket."""
        return Endpoint(self._url("s3_url"), WEB_PORTS)

    @property
    def broker(self) -> Endpoint:
        """The message broker."""
        return Endpoint(self._url("broker_url"), BROKER_PORTS)

    def postgres_dsn(self, role: str = "writer", target: str = "prod") -> str:
        """libpq URL of a role (`writer`, `reader`, `admin`) in a target (`prod`, `staging`).

        Raises:
            StirError: no server is configured for that role and target.
        """
        if target == "staging":
            return self._url("postgres_staging_url")
        return self._url("postgres_url" if role == "writer" else f"postgres_{role}_url")

    def airflow_dsn(self) -> str:
        """libpq URL of Airflow's metadata database.

        Raises:
            StirError: no server is configured.
        """
        return self._url("airflow_database_url")

    def beat_dsn(self) -> str:
        """libpq URL of beat's database.

        Raises:
            StirError: no server is configured.
        """
        return self._url("beat_database_url")

    def _url(self, name: str) -> str:
        value: SecretStr | None = getattr(self, name)
        if value is None:
            service = name.split("_")[0]
            raise StirError(
                f"no {service} server is configured",
                where=f"STIR_{name.upper()}",
                do="run `./stir up`, or set the variable to your own server",
            )
        return value.get_secret_value()

    def _endpoint(self, name: str) -> Endpoint:
        return Endpoint(self._url(name))


URL_FIELDS = tuple(
    name for name in Settings.model_fields if name.endswith("_url") and name not in ("docs_url", "ssh_url")
)
"""Settings that hold an address with a password."""


def user_env_file() -> Path:
    """The user's file of settings."""
    return Path(os.environ.get("STIR_ENV_FILE") or PROJECT_DIR / ".env")


def env_files(state_dir: Path) -> tuple[Path, Path]:
    """Files that settings are read from, weakest first: the one that `stir up` wrote, and the user's."""
    return state_dir / "services.env", user_env_file()


def load_settings() -> Settings:
    """Read the settings of this checkout.

    Raises:
        StirError: a value is not valid; the line names the variable.
    """
    files = env_files(Path(os.environ.get("STIR_STATE_DIR") or PROJECT_DIR / ".stir"))
    try:
        return _of_one_server(Settings(_env_file=files), files[0])
    except ValidationError as error:
        first = error.errors()[0]
        name = f"STIR_{str(first['loc'][0]).upper()}"
        fault = f"setting {name} is not usable: {first['msg'].removeprefix('Value error, ')}"
        raise StirError(fault, do="correct it in the environment or in .env") from None


def _of_one_server(settings: Settings, written: Path) -> Settings:
    """The settings without the addresses of an embedded server that the user has replaced by another one. A user with
    their own PostgreSQL as the writer must not read from the embedded one or create roles there."""
    embedded = dotenv_values(written) if written.exists() else {}

    def is_embedded(field: str) -> bool:
        value = getattr(settings, field)
        return value is not None and value.get_secret_value() == embedded.get(f"STIR_{field.upper()}")

    mixed = {
        field: None
        for first, *others in SERVERS.values()
        if getattr(settings, first) is not None and not is_embedded(first)
        for field in others
        if is_embedded(field)
    }
    return settings.model_copy(update=mixed) if mixed else settings
