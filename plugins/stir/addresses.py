"""Addresses of servers: the parts of one, and what is wrong with one that a setting holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from pydantic_core import MultiHostUrl, Url, ValidationError

LOOPBACK = "127.0.0.1"
"""The only address that the embedded servers listen on."""
_DATABASE_PORTS = {"http": 8123, "https": 8443, "postgresql": 5432, "postgres": 5432}
WEB_PORTS = {"http": 80, "https": 443}
BROKER_PORTS = {"nats": 4222, "tls": 4222, "amqp": 5672, "amqps": 5671}
MANAGEMENT_PORTS = {"http": 15672, "https": 15671}
"""Of RabbitMQ's management API."""


class Endpoint:
    """The parts of one service address: `scheme://user:password@host:port/path`.

    pydantic's URLs give `http` its port 80 where an address has none, which ClickHouse's 8123 could not replace.
    """

    def __init__(self, url: str, default_ports: Mapping[str, int] = _DATABASE_PORTS) -> None:
        parts = urlsplit(url)
        self.scheme = parts.scheme
        self.host = parts.hostname or LOOPBACK
        self.user = unquote(parts.username or "")
        self.password = unquote(parts.password or "")
        self.path = parts.path.strip("/")
        self.secure = parts.scheme == "https"
        self.port = parts.port or default_ports.get(parts.scheme, 0)

    def __repr__(self) -> str:
        """The address without its password, safe for a log."""
        return f"{self.scheme}://{self.user}@{self.host}:{self.port}/{self.path}"


@dataclass(frozen=True)
class AddressKind:
    """What an address of a kind of server looks like. `schemes`: those it may have; any if empty."""

    example: str
    schemes: tuple[str, ...]
    parse: type[Url] | type[MultiHostUrl] = Url
    needs_path: bool = False

    def fault(self, address: str) -> str:
        """What is wrong with an address, without a word of it, for it may hold a password; empty if nothing is."""
        try:
            parsed, parts = self.parse(address), urlsplit(address)
        except ValidationError as error:
            return error.errors()[0]["msg"].removeprefix("Input should be a valid URL, ")
        except ValueError as error:  # urlsplit's, of brackets without an end
            return str(error)
        if self.schemes and parsed.scheme not in self.schemes:
            return f"its scheme is not {' or '.join(self.schemes)}"
        if self.parse is Url and not parts.hostname:
            return "empty host"
        if parts.fragment:
            return "it has a # in it"
        if address != address.strip():
            return "it begins or ends with a blank"
        if self.needs_path and not parts.path.strip("/"):
            return "it ends without the name of a bucket"
        return ""


_HTTP = ("http", "https")
_POSTGRES = ("postgresql", "postgres")
CLICKHOUSE = AddressKind("http://writer:password@host:8123", _HTTP)
POSTGRES = AddressKind("postgresql://writer:password@host:5432/database", _POSTGRES, MultiHostUrl)
AIRFLOW = AddressKind("postgresql://airflow:password@host:5432/airflow", (), MultiHostUrl)
"""SQLAlchemy's, so it may name a driver."""
S3 = AddressKind("http://key:secret@host:9000/bucket", _HTTP, needs_path=True)
SSH = AddressKind("ssh://user@host:22", ("ssh",))
BROKER = AddressKind("nats://user:password@host:4222", ("nats", "tls", "amqp", "amqps"))
"""NATS JetStream, or RabbitMQ."""
MANAGEMENT = AddressKind("http://user:password@host:15672", _HTTP)
"""RabbitMQ's."""
PAGES = AddressKind("http://host:8080", _HTTP)

ADDRESSES = {
    "clickhouse_url": CLICKHOUSE,
    "clickhouse_reader_url": CLICKHOUSE,
    "clickhouse_scorer_url": CLICKHOUSE,
    "postgres_url": POSTGRES,
    "postgres_staging_url": POSTGRES,
    "postgres_reader_url": POSTGRES,
    "postgres_admin_url": POSTGRES,
    "airflow_database_url": AIRFLOW,
    "beat_database_url": POSTGRES,
    "s3_url": S3,
    "broker_url": BROKER,
    "broker_management_url": MANAGEMENT,
    "ssh_url": SSH,
    "docs_url": PAGES,
}
"""Settings that hold an address, each with what one looks like."""

SERVERS = {
    "clickhouse": ("clickhouse_url", "clickhouse_reader_url", "clickhouse_scorer_url"),
    "postgres": (
        "postgres_url",
        "postgres_staging_url",
        "postgres_reader_url",
        "postgres_admin_url",
        "airflow_database_url",
        "beat_database_url",
    ),
    "s3": ("s3_url",),
    "broker": ("broker_url",),
}
"""The addresses of each server; the first says whether it is the user's own."""
