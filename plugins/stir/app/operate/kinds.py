"""The kinds of jobs: what an operator may start, and the `./stir` command that each one is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Kind:
    """One kind of job.

    Attributes:
        words: what it does, for people. command: the arguments of `./stir` for a subject and further arguments.
        needs: names of the further arguments that must be given; they are whole numbers.
    """

    words: str
    command: Callable[[str, Mapping[str, Any]], list[str]]
    needs: tuple[str, ...] = ()


KINDS_OF_TABLES: dict[str, Kind] = {
    "publish": Kind("publish the table from its mart", lambda table, _: ["publish", table, "--json"]),
    "rollback": Kind(
        "show the rows of an earlier generation again",
        lambda table, more: ["rollback", table, "--to", str(int(more["generation"])), "--json"],
        needs=("generation",),
    ),
    "verify": Kind("compare the table with its generation and its mart", lambda table, _: ["verify", table, "--json"]),
}
"""Jobs whose subject is a published table. A job is a command: it has the command's checks and its exit code."""


def _records(action: str, more: Mapping[str, Any]) -> list[str]:
    chosen = (
        [str(int(more["record"]))] if "record" in more else [f"--{name}={more[name]}" for name in ("stream", "reason")]
    )
    return ["quarantine", action, *chosen, "--json"]


KINDS = KINDS_OF_TABLES | {
    "replay records": Kind("send records through their contract again", lambda _, more: _records("replay", more)),
    "discard records": Kind("close records without loading them", lambda _, more: _records("discard", more)),
}
"""All jobs; the subject of those of records is `quarantine`."""
