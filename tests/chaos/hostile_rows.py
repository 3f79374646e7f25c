"""Rows that no upstream should send, drawn for any source table from its contract."""

from __future__ import annotations

import math
import random
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from stir.sources.tables import quoted

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

    from stir.sources.contract import Contract, Field

HOSTILE, HOSTILE_KEY = 0.12, 0.02
"""How likely a value is hostile; less so in a key, because a row without one is refused whatever else it says."""
KEYS = {
    *("id", "event_id", "shortcode", "profile_id", "channel_id", "platform", "entity_id", "entity_type"),
    *("platform_order_id", "relationship_type"),
}
TEXTS = (
    *(
        "",
        " ",
        "NULL",
        "null",
        "many",
        "a\0b",
        "\0",
        "x" * 256,
        "\u0e01" * 3000,
        "\\N",
        "\t\n\r",
        "@",
        "#",
        "-1",
        "12.0",
    ),
    *("1e400", "NaN", "inf", "1,234", "1.234,56", str(2**63 - 1), str(2**64), str(-(2**63)), "UC1", " Reels ", "lost"),
    *("\u0661\u0662\u0663", "\uff11\uff12", "2020-13-01", "2026-02-30", "1969-12-31T23:59:59Z", "9999-12-31 23:59:59"),
    *("P1W", "PT-5S", "P1Y2M3DT4H5M6.7S", "P", f"PT{'9' * 20}S", "4:13", "Robert'); drop table x;--", "%s{{ x }}"),
    "https://x/page#reviews a#b.com &#39; &amp; \uff03\u5168\u89d2 #e\u0301 #\u200dx \u202e\u200b\ufeff #" + "a" * 400,
    "\u0e20\u0e32\u0e29\u0e32\u0e44\u0e17\u0e22" * 60,
    "\U0001f600" * 100,
)
DOCUMENTS = (
    *("{", "[1]", "null", '"text"', '{"a":1,}', '{"a":' * 70 + "1" + "}" * 70, '\ufeff{"likes":1,"followers":1}'),
    '{"likes":9223372036854775807,"comments":-1,"followers":1e400,"view_count":NaN,"subscriber_count":"1,234"}',
    '{"likes":"\\ud800","view_count":18446744073709551616,"media_count":1.5}',
    '{"likes":1,"likes":2,"comments":[],"view_count":{},"followers":true,"play_count":-0}',
    '{"like_and_view_counts_disabled":true,"likes":0,"view_count":0,"hiddenSubscriberCount":true,"subscriber_count":0}',
    '{"total_price":"1,234.50","created_at":"1969-01-01","fulfillments":[{"created_at":"x"},null,5]}',
    *('{"total_price":"-0.001"}', '{"total_price":1e13,"cancelled_at":"never"}', '{"Oslo":NaN,"":5,"x":-1}'),
)
NUMBERS = (-(2**63), -(2**31), -1, 0, 1, 101, 2**31 - 1, 9 * 10**15, 9 * 10**15 + 1, 2**63 - 1, 2**64 - 1)
MEASURES = (-math.inf, -1e300, -0.5, 0.0, 1e-320, 1.1, 100.5, 9e15, 1e16, 1e300, math.inf, math.nan)


def moments(newest: datetime) -> list[datetime]:
    """Moments at and beyond every bound; `newest` is that of the data."""
    years = [datetime(year, 1, 1, tzinfo=UTC) for year in (1901, 1970, 2005, 2100, 2149, 2262)]
    return [*years, datetime(2004, 12, 31, 23, 59, 59, tzinfo=UTC), newest, newest + timedelta(days=3)]


def values(field: Field, newest: datetime) -> list[Any]:
    """What the column can hold and should not, or hardly ever."""
    plain = field.plain_type
    found: list[Any] = [None] if field.is_nullable else []
    if plain == "String":
        return [*found, *TEXTS, *field.words[:2], *(DOCUMENTS if field.logical == "json" else DOCUMENTS[:4])]
    if plain.startswith(("Int", "UInt")):
        bits = int(plain.lstrip("UInt"))
        least = 0 if plain.startswith("U") else -(2 ** (bits - 1))
        return [*found, *(number for number in NUMBERS if least <= number < least + 2**bits)]
    if plain == "Float64":
        return [*found, *MEASURES]
    if plain.startswith("DateTime"):
        held = (1900, 2290) if plain.startswith("DateTime64") else (1970, 2106)
        return [*found, *(moment for moment in moments(newest) if held[0] <= moment.year < held[1])]
    if plain == "Date":
        return [*found, date(1970, 1, 1), date(2100, 1, 1), newest.date() + timedelta(days=5)]
    if "Tuple" in plain:
        return [[("x", weight)] for weight in (math.nan, -1.0, 1e300)]
    return [["x" * 300], ["", "a\0"]] if plain == "Array(String)" else found


def insert(client: Client, contract: Contract, newest: datetime, number: int, draw: random.Random) -> int:
    """Copies of real rows with hostile values in them, newer than all others; returns how many rows."""
    names = ", ".join(f"`{field.name}`" for field in contract.fields)
    order = f"cityHash64({names.split(', ')[0]}, {draw.randrange(10**6)})"
    query = f"select {names} from {quoted(contract.name)} order by {order} limit {number}"
    rows = [_row(contract, dict(row), newest, draw) for row in client.query(query).named_results()]
    if rows:
        client.insert(quoted(contract.name), [list(row.values()) for row in rows], column_names=list(rows[0]))
    return len(rows)


def _row(contract: Contract, row: dict[str, Any], newest: datetime, draw: random.Random) -> dict[str, Any]:
    for field in contract.fields:
        hostile = values(field, newest)
        if field.name in ("updated_at", "insert_timestamp"):
            row[field.name] = newest - timedelta(minutes=draw.randrange(1, 200))
        elif field.name in ("event_timestamp", "timestamp", "picked_at") and draw.random() < 0.8:
            row[field.name] = newest - timedelta(minutes=draw.randrange(200, 230))
        elif hostile and draw.random() < (HOSTILE_KEY if field.name in KEYS else HOSTILE):
            row[field.name] = draw.choice(hostile)
    if "event_id" in row and draw.random() < 0.9:
        row["event_id"] = f"hostile-{draw.randrange(10**12)}"
    return row
