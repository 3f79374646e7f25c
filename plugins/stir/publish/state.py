"""The state of one publish: small, JSON-able, without secrets, passed from step to step."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from stir.connections import Target, quoted_table
from stir.errors import StirError
from stir.publish.spec import PublishSpec
from stir.publish.tables import find_spec

Outcome = Literal["", "published", "unchanged", "held", "trial"]
"""`unchanged`: readers already have this content. `held`: an operator rolled this content back. `trial`: nothing was to
be published. Empty: not decided."""

_SEQUENCES = ("allow", "carried", "warnings")
_REPORTED = (
    *("name", "table", "target", "run_id", "outcome", "reason", "generation", "rows", "carried_rows", "bytes", "parts"),
    *("checksum", "watermark", "feeds", "warnings", "seconds"),
)


@dataclass(frozen=True)
class PublishState:
    """One run of one spec.

    Attributes:
        token: random; part of the name of everything that this run creates.
        base: generation that was live when the run began, 0 for none; the swap refuses if another one is live by then.
        snapshot: ClickHouse table `database.table` with the snapshot of the mart.
        parts: how many objects the mart is cut into, with `bytes` bytes.
        checksum: order-independent sum over the canonical row texts.
        fingerprint: stronger digest of content and spec; equal fingerprints are the same publication.
        watermark: moment up to which every feed of the mart has data in the mart, ISO, UTC; empty where none is known.
        feeds: newest moment of each feed in the mart. as_of: the moment for which the mart was built.
        warnings: facts for readers that no guard refuses, such as a stopped feed.
        months: digest of the rows of each month, where the spec says that months can be carried over.
        carried: those months that are taken over from the live table, with `carried_rows` rows.
        manifest: S3 key of the manifest, and `manifest_digest` the SHA-256 of its bytes.
        loaded: PostgreSQL table in schema `stir` that holds the new generation; in mode `partition` how the names of
            the months' tables begin (see stir.publish.partitions).
        loaded_xid: transaction after the load; readers with an older snapshot would see an empty table. Empty when the
            rows were loaded frozen and are visible to every snapshot.
        generation: number the content is known by once published.
    """

    name: str
    target: Target
    run_id: str
    token: str
    base: int = 0
    force: bool = False
    allow: tuple[str, ...] = ()
    snapshot: str = ""
    rows: int = 0
    parts: int = 0
    bytes: int = 0
    checksum: str = ""
    fingerprint: str = ""
    watermark: str = ""
    feeds: Mapping[str, str] = field(default_factory=dict)
    as_of: str = ""
    warnings: tuple[str, ...] = ()
    months: Mapping[str, str] = field(default_factory=dict)
    carried: tuple[str, ...] = ()
    carried_rows: int = 0
    manifest: str = ""
    manifest_digest: str = ""
    loaded: str = ""
    loaded_xid: str = ""
    generation: int = 0
    outcome: Outcome = ""
    reason: str = ""
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def spec(self) -> PublishSpec:
        """The table that is published."""
        return find_spec(self.name)

    @property
    def table(self) -> str:
        """The table that readers use."""
        return f"{self.spec.schema}.{self.spec.table}"

    @property
    def mart(self) -> str:
        """The ClickHouse table, in the warehouse database, that is published."""
        return self.spec.mart_of(self.target)

    @property
    def quoted_snapshot(self) -> str:
        """The snapshot's name for use in SQL. A database's name may hold a dot, a mart's does not."""
        database, _, table = self.snapshot.rpartition(".")
        return quoted_table(database, table)

    @property
    def travelling(self) -> int:
        """Rows that go through S3."""
        return self.rows - self.carried_rows

    @property
    def decided(self) -> bool:
        """Whether only the cleanup is left."""
        return self.outcome != ""

    @property
    def prefix(self) -> str:
        """S3 prefix under which this run, and nobody else, writes."""
        return run_prefix(self.target, self.name, self.token)

    def took(self, step: str, seconds: float) -> PublishState:
        """The state with the duration of a step added."""
        return replace(self, seconds={**self.seconds, step: round(seconds, 3)})

    def report(self) -> dict[str, Any]:
        """What became of the publish, for a user who reads JSON."""
        return {name: getattr(self, name) for name in _REPORTED}

    def to_dict(self) -> dict[str, Any]:
        """The state as a dictionary for JSON; `from_dict` reads it."""
        return {**asdict(self), **{name: list(getattr(self, name)) for name in _SEQUENCES}}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> PublishState:
        """The state written by `to_dict`.

        Raises:
            StirError: the values are not those of a publish state.
        """
        # A run that an older version began hands over the older names.
        values = {{"frozen": "snapshot", "size": "bytes"}.get(name, name): value for name, value in values.items()}
        known = {item.name for item in fields(cls)}
        if not {"name", "target", "run_id", "token"} <= set(values) <= known or values["target"] not in get_args(
            Target
        ):
            raise StirError("this is not the state of a publish", do="pass on what the step before returned")
        return cls(**{**values, **{name: tuple(values.get(name, ())) for name in _SEQUENCES}})


def run_prefix(target: str, name: str, token: str) -> str:
    """S3 prefix of everything a run exports."""
    return f"publish/{target}/{name}/{token}/"


def new_run_id() -> str:
    """A run id for a publish that no scheduler named."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
