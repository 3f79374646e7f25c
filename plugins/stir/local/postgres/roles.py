"""The roles of the embedded PostgreSQL server."""

from __future__ import annotations

from stir.addresses import LOOPBACK
from stir.local.machine.credentials import POSTGRES_ROLES, Credentials
from stir.provisioning.roles import Roles


def embedded(port: int, credentials: Credentials) -> Roles:
    """The roles of the embedded server."""
    made = [role for role in POSTGRES_ROLES if role != "admin"]
    return Roles(
        admin={
            "host": LOOPBACK,
            "port": port,
            "user": POSTGRES_ROLES["admin"],
            "password": credentials["postgres_admin"],
        },
        names={role: POSTGRES_ROLES[role] for role in made},
        passwords={role: credentials[f"postgres_{role}"] for role in made},
        serving=("stir", "stir_staging"),
        owned={"airflow": "airflow", "beat": "beat"},
        advice="if credentials.json was changed or lost, restore it, or `stir down` and remove the postgres folder",
    )
