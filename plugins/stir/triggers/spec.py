"""The definition of a trigger: which entities it looks for, what it requests, how often and how many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Window:
    """How soon the same entity may be requested again.

    Attributes:
        every: no second request of an entity within this time; if None, no second request at all.
        cool_down: candidate column with seconds that replace `every` row by row; `every` is then the maximum.
        per: parameter (a column or a constant) whose new values may be requested at once, such as the hash of a
            picture's address or the version of a prompt.
        retry_after: a failed request does not count after this time. If None, it counts like any other.
    """

    every: timedelta | None = None
    cool_down: str = ""
    per: str = ""
    retry_after: timedelta | None = None


@dataclass(frozen=True, kw_only=True)
class TriggerSpec:
    """One trigger.

    Attributes:
        candidates: file of `candidates/` without its ending: the due entities, most urgent first. Columns: `entity`
            (text, unique), `priority` (added to the spec's) and those that `params` names.
        flow: one of FLOWS.
        params: parameters taken from the candidate's columns of the same name. `data.name` is column `name`, nested.
            The flow's entity parameter is set from `entity` and not named here.
        constants: parameters that are the same for every request.
        priority: of a request whose candidate adds nothing; 1 goes first.
        limit: entities requested in one run.
        window: how soon the same entity may be requested again.
        tracked: kinds of `ops.tracked_entity` whose enabled rows the candidates read as table `tracked`.
        bind: further values for the candidates' SQL.
    """

    candidates: str
    flow: str
    priority: int
    limit: int
    window: Window
    params: tuple[str, ...] = ()
    constants: Mapping[str, Any] = field(default_factory=dict)
    tracked: tuple[str, ...] = ()
    bind: Mapping[str, Any] = field(default_factory=dict)
