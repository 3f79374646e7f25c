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


KINDS: dict[str, Kind] = {
    "publish": Kind("publish the table from its mart", lambda table, _: ["publish", table, "--json"]),
    "rollback": Kind(
        "show the rows of an earlier generation again",
        lambda table, more: ["rollback", table, "--to", str(int(more["generation"])), "--json"],
        needs=("generation",),
    ),
    "verify": Kind("compare the table with its generation and its mart", lambda table, _: ["verify", table, "--json"]),
}
"""Jobs whose subject is a published table. A job is a command: it has the command's checks and its exit code."""
