"""Moments as the settings and the models take them."""

from __future__ import annotations

import re
from datetime import datetime

_CLOCK = "[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{3}([0-9]{3})?)?)?"
MOMENT = re.compile(f"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}({_CLOCK}(Z|[+-][0-9]{{2}}:[0-9]{{2}})?)?")
"""How a moment is written in STIR_AS_OF; macro as_of takes the same."""

FIRST_YEAR, LAST_YEAR = 2005, 2099
"""A moment of another year is no moment of the data (macro is_possible_time), and Date wraps round in 2149."""


def is_possible_year(year: int) -> bool:
    """Whether the data can be of this year."""
    return FIRST_YEAR <= year <= LAST_YEAR


def moment_fault(text: str) -> str:
    """The reason why a text is no moment; empty if it is one."""
    why = "" if MOMENT.fullmatch(text) else "it is written in another way"
    if not why:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            why = str(error)
        else:
            why = "" if is_possible_year(moment.year) else "it is of another year"
    between = f"from {FIRST_YEAR} to {LAST_YEAR}"
    return why and f"{text!r} is not an ISO time {between} ({why}): write 2026-06-15T00:00:00Z"
