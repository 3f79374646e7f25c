"""What a queue needs from time to time: requests of vanished workers given back, and those nobody picked closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from stir import connections
from stir.scrape_queue import queue
from stir.scrape_queue.flows import Platform
from stir.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Recovery:
    """How many requests wait again, failed after too many retries, and were closed because nobody picked them."""

    requeued: int
    failed: int
    expired: int


def recover(settings: Settings, platform: Platform, *, moment: datetime, dry_run: bool = False) -> Recovery:
    """Recover one platform's requests, in the database in which they were asked for."""
    with connections.beat(settings) as connection:
        queue.prepare(connection)
        requeued, failed = queue.reset_stuck(connection, moment=moment, platform=platform)
        expired = queue.expire(connection, moment=moment, platform=platform)
        if dry_run:
            connection.rollback()
    return Recovery(requeued=requeued, failed=failed, expired=expired)
