"""Regular upkeep of the queue: release requests of vanished workers, and close requests that nobody picked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from stir import connections
from stir.scrape_queue import queue
from stir.scrape_queue.flows import Platform
from stir.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Recovery:
    """Numbers of requests that wait again, that failed after too many retries, and that expired unpicked."""

    requeued: int
    failed: int
    expired: int


def recover(settings: Settings, platform: Platform, *, moment: datetime, dry_run: bool = False) -> Recovery:
    """Recover one platform's requests in the database that holds them."""
    with connections.beat(settings) as connection:
        queue.prepare(connection)
        requeued, failed = queue.reset_stuck(connection, moment=moment, platform=platform)
        expired = queue.expire(connection, moment=moment, platform=platform)
        if dry_run:
            connection.rollback()
    return Recovery(requeued=requeued, failed=failed, expired=expired)
