"""Keeps, in PostgreSQL, how far a backfill has come, and lets one at a time work on a warehouse.

The lock is a session's: it ends with the process, however that ends, so nobody has to remove it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from stir import connections
from stir.database import prepare
from stir.errors import StirError
from stir.operations.backfill.plan import Plan, Target
from stir.settings import Settings

if TYPE_CHECKING:
    import psycopg

PLANNED, BUILDING, SWAPPING, SWAPPED, UNDOING, UNDONE, DISCARDED = (
    "PLANNED", "BUILDING", "SWAPPING", "SWAPPED", "UNDOING", "UNDONE", "DISCARDED"
)  # fmt: skip
_COLUMNS = "backfill_id, asked, plan, built, swaps, phase, created_at"


@dataclass(frozen=True)
class Backfill:
    """A backfill as it is kept.

    Attributes:
        asked: `{"of": MODEL or TAG, "from": ..., "to": ..., ...}`. built: the models that are complete beside.
        swaps: model to the ids of the partitions that are replaced.
    """

    number: int
    asked: Mapping[str, Any]
    plan: Plan
    built: frozenset[str]
    swaps: Mapping[str, Sequence[str]]
    phase: str
    created_at: datetime

    @property
    def words(self) -> str:
        return f"backfill {self.number} ({self.asked['of']}, {self.asked['from']} to {self.asked['to']})"


@dataclass
class Record:
    """The kept backfills of one warehouse, for whoever holds its lock."""

    warehouse: str
    connection: psycopg.Connection = field(repr=False)

    def unfinished(self) -> Backfill | None:
        """The one that is neither swapped, undone nor discarded."""
        found = self._read("phase in ('PLANNED', 'BUILDING', 'SWAPPING', 'UNDOING')")
        return found[0] if found else None

    def all(self) -> list[Backfill]:
        """Every backfill, the newest first."""
        return self._read("true")

    def begin(self, asked: Mapping[str, Any], plan: Plan) -> Backfill:
        """Note a new one, before anything is made."""
        self.connection.execute(
            "insert into ops.backfill (warehouse, asked, plan) values (%s, %s, %s)",
            [self.warehouse, json.dumps(asked), _content(plan)],
        )
        return self._read("phase = 'PLANNED'")[0]

    def prepared(self, backfill: Backfill, plan: Plan) -> Backfill:
        """Note that the build may begin, and the plan by which it goes from here on."""
        self.connection.execute(
            "update ops.backfill set plan = %s where backfill_id = %s", [_content(plan), backfill.number]
        )
        return self.move(backfill, BUILDING)

    def built(self, backfill: Backfill, model: str) -> None:
        """Note that a model is complete beside the live table."""
        self.connection.execute(
            "update ops.backfill set built = array_append(built, %s), changed_at = now() where backfill_id = %s",
            [model, backfill.number],
        )

    def move(self, backfill: Backfill, phase: str, swaps: Mapping[str, Sequence[str]] | None = None) -> Backfill:
        """Note the step that is taken next, or that the last one is done. Returns the backfill as it is then."""
        self.connection.execute(
            "update ops.backfill set phase = %s, swaps = coalesce(%s, swaps), changed_at = now()"
            " where backfill_id = %s",
            [phase, None if swaps is None else json.dumps(swaps), backfill.number],
        )
        return self.again(backfill)

    def again(self, backfill: Backfill) -> Backfill:
        """The backfill as it is kept now."""
        return self._read("backfill_id = %s", backfill.number)[0]

    def _read(self, condition: str, *values: object) -> list[Backfill]:
        rows = self.connection.execute(
            f"select {_COLUMNS} from ops.backfill where warehouse = %s and {condition} order by backfill_id desc",
            [self.warehouse, *values],
        ).fetchall()
        return [
            Backfill(number, asked, _plan(plan), frozenset(built), swaps, phase, created_at)
            for number, asked, plan, built, swaps, phase, created_at in rows
        ]


def _content(plan: Plan) -> str:
    targets = [target.record for target in plan.targets]
    return json.dumps(
        {"targets": targets, "views": plan.views, "skipped": plan.skipped or {}, "readers": plan.readers or {}}
    )


def _plan(content: Mapping[str, Any]) -> Plan:
    targets = tuple(Target.of(each) for each in content["targets"])
    return Plan(targets, tuple(content["views"]), content["skipped"], content["readers"])


@contextmanager
def locked(settings: Settings) -> Iterator[Record]:
    """The record, while nobody else works on a backfill or a repair of this warehouse.

    Raises:
        StirError: somebody else does.
        psycopg.OperationalError: PostgreSQL is away.
    """
    prepare(settings)
    warehouse = settings.clickhouse_database
    with connections.postgres(settings, autocommit=True) as connection:
        taken = connection.execute(
            "select pg_try_advisory_lock(hashtext('stir backfill'), hashtext(%s))", [warehouse]
        ).fetchone()
        if taken != (True,):
            raise StirError(
                "another backfill or repair of this warehouse is running", do="run this one when it has ended"
            )
        yield Record(warehouse, connection)
