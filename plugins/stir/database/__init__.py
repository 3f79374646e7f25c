"""Every table of ours in PostgreSQL, as numbered files: the application's, the publish ledger's, the scrape
queue's, the collector's, the quarantine's."""

from stir.database.migration import (
    APPLICATION,
    AUTHENTICITY,
    BEAT,
    COLLECTOR,
    INGEST,
    PUBLISH,
    Tables,
    apply,
    prepare,
    prepare_all,
    prepare_production,
)

__all__ = [
    "APPLICATION",
    "AUTHENTICITY",
    "BEAT",
    "COLLECTOR",
    "INGEST",
    "PUBLISH",
    "Tables",
    "apply",
    "prepare",
    "prepare_all",
    "prepare_production",
]
