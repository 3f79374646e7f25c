"""No value of a source is changed in silence: staging carries it as it came, or counts that it did not, or sets its row
aside and counts that. One row for each hostile value of each column, through the model's own SQL."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.transform.rendering import render, rendered_project

from stir import connections
from stir.sources.contract import Contract, Field, contract
from stir.sources.ddl import create_table

from .impossible import KEYS
from .test_contracts_and_staging import JUDGING, OF_MODEL, _good, _hostile, _staged

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

    from stir.settings import Settings

Row = dict[str, Any]
PLACE = "values_carried"
STAGING = {model: source for model, source in JUDGING.items() if model.startswith("stg_")}
TEXTS = (
    *("0", "true", "T", "yes", "1.0", "\u202eabc", "a\u200bb", "\uff11\uff12", "&#39;&amp;", "\u0661", "e\u0301"),
    *("\ufeffx", "\U0001f600", "a\u00a0b", "2299-12-31", "1e3", "0x10", "-1", "@a", "A"),
    *(str(2**63 - 1), str(2**64 - 1), str(2**64)),
)
READ = {"duration": "in seconds"}
"""Columns carried as something else. So are flags, as the numbers beside them, and members of documents."""
MOMENTS = (datetime(2299, 12, 31, tzinfo=UTC), datetime(1901, 1, 1, tzinfo=UTC))


@pytest.fixture(scope="module")
def client(settings: Settings) -> Iterator[Client]:
    found = connections.clickhouse(settings)
    found.command(f"create database if not exists {PLACE}")
    yield found
    found.command(f"drop database {PLACE}")


@pytest.fixture(scope="module")
def macros() -> dict[str, Any]:
    own = {"reads_a_part": lambda: False, "is_incremental": lambda: False}
    context = rendered_project(marked=False)
    context.update(own)
    return context


def _values(field: Field) -> list[Any]:
    more: tuple[Any, ...] = ()
    if field.plain_type == "String":
        more = TEXTS
    elif field.plain_type == "Bool":
        more = (True, False)
    elif field.plain_type.startswith("DateTime64"):
        more = MOMENTS
    nothing = [None] if field.is_nullable else []
    return [*_hostile(field), *more, *nothing]


def _unique(field: Field, number: int) -> str | int:
    """A key that only this row has."""
    if field.plain_type == "Int64":
        return 10**6 + number
    forms = (f"9{number:09}", f"UC{number:022}", f"key{number}")
    return next(form for form in forms if re.search(field.pattern, form))


def _rows(known: Contract, model: str, key: str) -> list[tuple[str, Row]]:
    """Each hostile value with the name of its column, the first row without any."""
    good = {field.name: _good(field) for field in known.fields} | OF_MODEL.get(model, {})
    rows = [("", good)]
    rows += [
        (field.name, {**good, field.name: value})
        for field in known.fields
        if field.name != key
        for value in _values(field)
    ]
    return [(name, {**row, key: _unique(known.field(key), number)}) for number, (name, row) in enumerate(rows)]


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text.replace("\0", "").strip().lstrip("@").casefold()).strip()


def _is_same(value: Any, found: Any) -> bool:
    if found is None:
        return False
    if isinstance(value, str) and isinstance(found, str):
        return _plain(value) == _plain(found)
    if isinstance(value, list) and isinstance(found, list):
        return [_plain(each) for each in value if _plain(each)] == [_plain(each) for each in found]
    if isinstance(value, str) and isinstance(found, (int, float, Decimal)):
        try:
            return float(value) == float(found)
        except ValueError:
            return False
    if isinstance(value, bool) or isinstance(found, bool):
        return value is found
    if isinstance(value, (int, float)) and isinstance(found, (int, float, Decimal)):
        return value == found
    if isinstance(value, datetime) and isinstance(found, datetime):
        return value == found.replace(tzinfo=found.tzinfo or UTC)
    if isinstance(value, date) and isinstance(found, date):
        return value == found
    return bool(value == found)


def _says_nothing(value: Any) -> bool:
    return value is None or value == [] or (isinstance(value, str) and _plain(value) in ("", "null"))


def _is_json(text: str) -> bool:
    def refuse(word: str) -> None:
        raise ValueError(word)

    try:
        json.loads(text.removeprefix("\ufeff"), parse_constant=refuse)
    except (ValueError, RecursionError):
        return False
    return True


@pytest.mark.parametrize("model", STAGING)
def test_no_value_is_changed_in_silence(client: Client, macros: dict[str, Any], model: str) -> None:
    known = contract(STAGING[model])
    _, key, staged_key, _ = KEYS.get(model, ("", "event_id", "event_id", ""))
    rows = _rows(known, model, key)
    judged = _staged(client, macros, model, known, [row for _, row in rows], PLACE)
    sql = render(macros, model).replace(f"⟦{known.name}⟧", f"`{PLACE}`.`{known.table}`")
    other = re.search(r"⟦([\w.]+)⟧", sql)
    if other:
        beside = contract(other[1])
        client.command(f"drop table if exists `{PLACE}`.`{beside.table}`")
        client.command(create_table(beside).replace(f"`{beside.database}`.", f"`{PLACE}`.", 1))
        sql = sql.replace(other[0], f"`{PLACE}`.`{beside.table}`")
    found = {row[staged_key]: row for row in client.query(sql, query_tz="UTC").named_results()}
    outputs: dict[str, list[Row | None]] = {}
    for name, row in rows:
        outputs.setdefault(name, []).append(found.get(row[key]))
    good = found[rows[0][1][key]]
    silent: list[tuple[Any, ...]] = []
    for number, (name, row) in enumerate(rows):
        refused, emptied = judged[number]
        out = found.get(row[key])
        if (out is None) != bool(refused):
            silent.append((name, row[name] if name else None, "refused", refused, "staged", out is not None))
        if out is None or refused or emptied or not name or _says_nothing(row[name]):
            continue
        changed = {
            column
            for column, value in good.items()
            if column not in (staged_key, "_version")
            for each in outputs[name]
            if each and each[column] != value
        }
        if not changed:
            continue  # nothing reads the column
        if any(_is_same(row[name], out[column]) for column in changed):
            continue
        field = known.field(name)
        if not (field.plain_type == "Bool" or name in READ or (field.logical == "json" and _is_json(row[name]))):
            silent.append((name, row[name], {column: out[column] for column in changed}))
    assert silent == [], "\n".join(map(str, silent))
