"""Keys and tokens of the sources, encrypted in beat's database. A secret is never printed, replicated or published."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from stir.collector.protocol import Credential
from stir.errors import StirError
from stir.ingest.vault import Keys, Vault
from stir.scrape_queue import queue
from stir.settings import Settings

if TYPE_CHECKING:
    import psycopg

CONNECTION = "AIRFLOW_CONN_STIR_CREDENTIALS"
"""An Airflow connection whose password holds the keys, as Airflow reads it from the environment: a URI or JSON."""
FILE = "credentials.key"


@dataclass(frozen=True)
class New:
    """A credential to add. `project` is what shares its quota; by default the credential is alone in it."""

    source: str
    name: str
    secret: str = field(repr=False)
    project: str = ""
    account: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """A credential as it is listed: everything but the secret."""

    id: int
    source: str
    name: str
    account: str
    project: str
    slowdown: float
    used_today: int
    used_at: datetime | None
    rested_until: datetime | None
    rest_reason: str | None
    disabled_at: datetime | None
    disabled_reason: str | None
    checked_at: datetime | None
    check_note: str | None
    added_at: datetime

    def state(self, moment: datetime) -> str:
        """`off`, `rests`, `slowed` or `ready`."""
        if self.disabled_at is not None:
            return "off"
        if self.rested_until is not None and self.rested_until > moment:
            return "rests"
        return "slowed" if self.slowdown > 1 else "ready"


def keys(settings: Settings) -> Keys:
    """Where the vault's keys come from: the setting, else an Airflow connection, else a file of this checkout."""
    path = settings.state_dir / FILE
    if settings.credentials_key is not None:
        given, variable = settings.credentials_key.get_secret_value(), "STIR_CREDENTIALS_KEY"
        return Keys("the collector's credentials", variable, path, given)
    connection = os.environ.get(CONNECTION)
    given_by_airflow = _password(connection) if connection else None
    return Keys("the collector's credentials", CONNECTION, path, given_by_airflow)


def vault(settings: Settings) -> Vault:
    """The vault of the credentials."""
    return Vault(keys(settings))


def _password(connection: str) -> str:
    try:
        if connection.lstrip().startswith("{"):
            return str(json.loads(connection)["password"])
        return unquote(urlsplit(connection).password or "")
    except (ValueError, KeyError):
        raise StirError(
            "the Airflow connection holds no password", where=CONNECTION, do="put the Fernet keys into its password"
        ) from None


def add(connection: psycopg.Connection, safe: Vault, new: New) -> int:
    """Add a credential, or replace the secret of the one with this name; a replaced one is used again at once, and
    requests that wait for a limit are picked again.

    Returns its number.

    Raises:
        StirError: the secret is empty or another credential has the same one.
    """
    from psycopg.types.json import Jsonb

    secret = new.secret.strip()
    if not secret or any(letter.isspace() or not letter.isprintable() for letter in secret):
        raise StirError("the secret is empty or holds blanks", do="give the key or token alone, without quotes")
    with connection.transaction():
        for other in _secrets(connection, new.source):
            if other.name != new.name and safe.open(other.locked).decode() == secret:
                raise StirError(f"{new.source} has this secret already, as {other.name!r}", do="use that one")
        row = connection.execute(
            "insert into collector.credential as c (source, name, account, project, details, secret)"
            " values (%s, %s, %s, %s, %s, %s) on conflict (source, name) do update"
            " set secret = excluded.secret, disabled_at = null, disabled_reason = null, rested_until = null,"
            " rest_reason = null, slowdown = 1, checked_at = null, check_note = null,"
            " account = case when excluded.account = '' then c.account else excluded.account end,"
            " project = case when excluded.project = excluded.name then c.project else excluded.project end,"
            " details = c.details || excluded.details"
            " returning credential_id",
            [
                new.source,
                new.name,
                new.account,
                new.project or new.name,
                Jsonb(dict(new.details)),
                safe.lock(secret.encode()).decode(),
            ],
        ).fetchone()
        queue.wake(connection)
    return int(row[0]) if row else 0


@dataclass(frozen=True)
class _Locked:
    id: int
    name: str
    locked: bytes


def _secrets(connection: psycopg.Connection, source: str | None = None) -> list[_Locked]:
    rows = connection.execute(
        "select credential_id, name, secret from collector.credential"
        " where %(source)s::text is null or source = %(source)s order by credential_id for update",
        {"source": source},
    ).fetchall()
    return [_Locked(number, name, secret.encode()) for number, name, secret in rows]


def entries(connection: psycopg.Connection, sources: Sequence[str] = ()) -> list[Entry]:
    """The credentials, of some sources or of all."""
    rows = connection.execute(
        "select credential_id, source, name, account, project, slowdown, case when used_day ="
        " (clock_timestamp() at time zone 'America/Los_Angeles')::date then used_calls else 0 end, used_at,"
        " rested_until, rest_reason, disabled_at, disabled_reason, checked_at, check_note, added_at"
        " from collector.credential where %(sources)s::text[] = '{}' or source = any(%(sources)s)"
        " order by source, name",
        {"sources": list(sources)},
    ).fetchall()
    return [Entry(*row) for row in rows]


def find(connection: psycopg.Connection, source: str, name: str) -> Entry:
    """The credential of this name.

    Raises:
        StirError: there is none.
    """
    found = [entry for entry in entries(connection, [source]) if entry.name == name]
    if not found:
        raise StirError(f"{source} has no credential {name!r}", do="`./stir credentials list` shows what there is")
    return found[0]


def open_credential(connection: psycopg.Connection, safe: Vault, entry: Entry) -> Credential:
    """The credential with its secret, for a call."""
    row = connection.execute(
        "select secret, details from collector.credential where credential_id = %s", [entry.id]
    ).fetchone()
    if row is None:
        raise StirError(f"{entry.source} has no credential {entry.name!r} any more")
    return Credential(
        id=entry.id,
        source=entry.source,
        project=entry.project,
        secret=safe.open(row[0].encode()).decode(),
        account=entry.account,
        details=row[1],
    )


def rest(connection: psycopg.Connection, entry: Entry, until: datetime, reason: str) -> None:
    """Use the credential no more before `until`."""
    connection.execute(
        "update collector.credential set rested_until = %s, rest_reason = %s where credential_id = %s",
        [until, reason, entry.id],
    )


def enable(connection: psycopg.Connection, entry: Entry) -> None:
    """Use the credential again: it neither rests nor is off nor is slowed. Requests that wait are picked again."""
    connection.execute(
        "update collector.credential set disabled_at = null, disabled_reason = null, rested_until = null,"
        " rest_reason = null, slowdown = 1 where credential_id = %s",
        [entry.id],
    )
    queue.wake(connection)


def note_check(connection: psycopg.Connection, entry: Entry, note: str, *, failed: bool) -> None:
    """Keep what a check found; one that failed turns the credential off until a person acts."""
    connection.execute(
        "update collector.credential set checked_at = clock_timestamp(), check_note = %(note)s,"
        " disabled_at = case when %(failed)s then coalesce(disabled_at, clock_timestamp()) else disabled_at end,"
        " disabled_reason = case when %(failed)s then %(note)s else disabled_reason end where credential_id = %(id)s",
        {"note": note[:500], "failed": failed, "id": entry.id},
    )


def rotate(connection: psycopg.Connection, safe: Vault) -> int:
    """Encrypt every secret with the newest key, all or none. Returns how many there are.

    Raises:
        StirError: a secret is encrypted with none of the keys; nothing was changed.
    """
    with connection.transaction():
        locked = _secrets(connection)
        for each in locked:
            connection.execute(
                "update collector.credential set secret = %s where credential_id = %s",
                [safe.rotate(each.locked).decode(), each.id],
            )
    return len(locked)


def with_new_key(path: Path) -> str:
    """What the file of keys is to hold while a key of its own is replaced: a new one before the old ones."""
    from cryptography.fernet import Fernet

    old = path.read_text(encoding="ascii").strip() if path.exists() else ""
    return ",".join(filter(None, [Fernet.generate_key().decode(), old]))
