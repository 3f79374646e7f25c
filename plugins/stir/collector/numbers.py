"""The newest numbers of a channel or profile, as the warehouse has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from stir.collector.stored import Stored


@dataclass(frozen=True)
class _Account:
    """Where a platform's accounts stand. `numbers`: name for readers to column."""

    table: str
    key: str
    read_at: str
    numbers: dict[str, str]


_ACCOUNTS = {
    "YOUTUBE": _Account(
        "beat_replica.youtube_account",
        "channel_id",
        "updated_at",
        {"followers": "subscribers", "views": "views", "uploads": "uploads"},
    ),
    "INSTAGRAM": _Account(
        "beat_replica.instagram_account",
        "profile_id",
        "refreshed_at",
        {"followers": "followers", "following": "following", "uploads": "media_count"},
    ),
}


async def newest_numbers(stored: Stored, platform: str, identity: str) -> dict[str, Any] | None:
    """Counters with the moment at which they were read; None for an account that is not stored. Unknown ones are None.

    Raises:
        StirError: ClickHouse does not answer.
    """
    account = _ACCOUNTS.get(platform)
    if account is None:
        return None
    row = (await stored.rows(account.table, account.key, [identity])).get(identity)
    if row is None:
        return None
    found = {name: row.get(column) for name, column in account.numbers.items()}
    return {**found, "read_at": row.get(account.read_at) or row.get("updated_at")}
