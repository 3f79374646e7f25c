"""Compares the live table with what was published, and with the current mart."""

from __future__ import annotations

from dataclasses import dataclass

from stir import connections
from stir.connections import Target
from stir.errors import StirError
from stir.publish import ddl
from stir.publish.checks import contract
from stir.publish.export.snapshot import fingerprint, summarise
from stir.publish.ledger import generations
from stir.publish.session import writer
from stir.publish.spec import PublishSpec
from stir.publish.verification.content import content_of
from stir.settings import Settings


@dataclass(frozen=True)
class Verification:
    """The live table compared with its generation and with the current mart."""

    name: str
    table: str
    target: Target
    generation: int
    recorded_rows: int
    recorded_checksum: str
    live_rows: int
    live_checksum: str
    mart_rows: int
    mart_checksum: str
    mart_is_published: bool

    @property
    def intact(self) -> bool:
        """The live table holds exactly what its generation recorded."""
        return (self.live_rows, self.live_checksum) == (self.recorded_rows, self.recorded_checksum)


def verify(settings: Settings, spec: PublishSpec, target: Target = "prod") -> Verification:
    """Count and sum up the live table and the mart.

    Raises:
        StirError: the table was never published, is gone, or is not ours.
    """
    contract.check_mart(settings, spec, target)
    with writer(settings, target, purpose=f"{spec.name} verify") as connection, connection.transaction():
        live = generations.live(connection, spec)
        if live is None:
            raise StirError(f"{spec.name} was never published", where=target, do=f"run `./stir publish {spec.name}`")
        if not contract.check_live_table(connection.cursor(), spec, live):
            raise StirError(
                f"{spec.schema}.{spec.table} is gone", where=target, do=f"`./stir publish {spec.name}` puts it back"
            )
        content = content_of(connection, spec, ddl.live(spec))
    mart = connections.quoted_table(settings.clickhouse_database, spec.mart_of(target))
    summary = summarise(connections.clickhouse(settings), spec, mart)
    return Verification(
        name=spec.name,
        table=f"{spec.schema}.{spec.table}",
        target=target,
        generation=live.generation,
        recorded_rows=live.rows,
        recorded_checksum=live.checksum,
        live_rows=content.rows,
        live_checksum=content.checksum,
        mart_rows=summary.rows,
        mart_checksum=summary.checksum,
        mart_is_published=fingerprint(spec, summary) == live.fingerprint,
    )
