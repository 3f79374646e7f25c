"""The streams: each carries records of one contract. Contracts name their streams; this is no second list."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from stir.errors import StirError
from stir.sources.contract import Contract, contracts

BATCH_ROWS = 1_000
"""Rows of a batch while the sink keeps up."""
MOST_ROWS = 10_000
"""Rows of a batch when there is a backlog: ClickHouse takes three times as many rows a second in tens of thousands."""
BATCH_BYTES = 8_000_000
BATCH_SECONDS = 5.0
"""A row waits no longer than this for its batch to fill."""


@dataclass(frozen=True)
class Stream:
    """A stream of records; `contract` is the newest version of what they promise."""

    name: str
    contract: Contract

    @property
    def table(self) -> str:
        """The source table that its records go to."""
        return self.contract.name


@cache
def streams() -> tuple[Stream, ...]:
    """Every stream, by name."""
    found = [Stream(name, contract) for contract in contracts() for name in contract.streams]
    return tuple(sorted(found, key=lambda each: each.name))


def stream(name: str) -> Stream:
    """The stream of this name.

    Raises:
        StirError: there is none.
    """
    known = {each.name: each for each in streams()}
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        advice = f"did you mean {near[0]}?" if near else "`./stir streams` lists them"
        raise StirError(f"there is no stream {name!r}", do=advice)
    return known[name]


def chosen(names: Sequence[str]) -> tuple[Stream, ...]:
    """The streams of these names, all of them if none is named.

    Raises:
        StirError: one of them does not exist.
    """
    return tuple(stream(name) for name in dict.fromkeys(names)) if names else streams()
