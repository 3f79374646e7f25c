"""Passwords of the embedded services, created at the first start and kept as long as the data."""

from __future__ import annotations

import json
import secrets
import string

from stir.local.machine.layout import Layout, read_json, write_private

ROLES = (
    "clickhouse_writer",
    "clickhouse_reader",
    "clickhouse_scorer",
    "postgres_admin",
    "postgres_writer",
    "postgres_reader",
    "postgres_airflow",
    "postgres_beat",
    "s3_key",
    "s3_secret",
    "broker",
)
POSTGRES_ROLES = {
    "admin": "stir_admin",
    "writer": "stir_writer",
    "reader": "stir_reader",
    "airflow": "airflow",
    "beat": "beat",
}
"""Roles of the embedded server: purpose to name."""
_ALPHABET = string.ascii_letters + string.digits  # valid in URLs, XML and SQL literals without escaping


class Credentials:
    """One password per role of each service; never shown by repr."""

    def __init__(self, values: dict[str, str]) -> None:
        self._values = values

    def __getitem__(self, role: str) -> str:
        return self._values[role]

    def __repr__(self) -> str:
        return f"Credentials({', '.join(self._values)})"

    def __bool__(self) -> bool:
        return bool(self._values)

    def __contains__(self, password: object) -> bool:
        """Whether a password is one of these."""
        return password in self._values.values()

    @classmethod
    def load(cls, layout: Layout) -> Credentials:
        """Read the existing passwords without creating any."""
        return cls({role: str(value) for role, value in read_json(layout.credentials).items()})

    @classmethod
    def load_or_create(cls, layout: Layout) -> Credentials:
        """Read the passwords and create those that are missing."""
        values = {role: str(value) for role, value in read_json(layout.credentials).items()}
        missing = [role for role in ROLES if role not in values]
        if missing:
            values |= {role: _generate() for role in missing}
            write_private(layout.credentials, json.dumps(values, indent=1) + "\n")
        return cls(values)


def _generate() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(32))
