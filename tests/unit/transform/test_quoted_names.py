"""dbt-clickhouse writes the database's name between single quotes as it is. Each of its macros that does has one of
this project before it, which escapes the name, or is never called here."""

from __future__ import annotations

import re
from pathlib import Path

import dbt.include.clickhouse as adapter

from stir.settings import PROJECT_DIR

NEVER_CALLED = {
    "clickhouse_source": "no model is a dictionary",
    "create_distributed_table": "no model is materialised as a distributed table; a cluster's names are plain",
    "clickhouse__get_mv_current_target": "no model is a materialised view",
    "validate_refreshable_mv_existence": "no model is a materialised view",
}
_NAME = r"(?:schema|database|relation\w*)"
_BETWEEN_QUOTES = re.compile(rf"'\{{\{{[^}}]*\b{_NAME}\b[^}}]*\}}\}}|'[\"'] *[+~] *(?:\w+\.)?{_NAME}\b")


def _macros() -> dict[str, str]:
    found: dict[str, str] = {}
    for folder in adapter.__path__:
        for path in (Path(folder) / "macros").rglob("*.sql"):
            parts = re.split(r"\{%-? *(?:macro|materialization) +(\w+)", path.read_text(encoding="utf-8"))
            found |= dict(zip(parts[1::2], parts[2::2], strict=True))
    return found


def test_every_macro_that_writes_a_name_between_quotes_is_replaced_or_never_called() -> None:
    writing = {name for name, text in _macros().items() if _BETWEEN_QUOTES.search(text)}
    replaced = {path.stem for path in (PROJECT_DIR / "macros" / "adapter").glob("*.sql")}
    assert writing - replaced == NEVER_CALLED.keys()
    assert len(writing) > len(NEVER_CALLED) + 5
