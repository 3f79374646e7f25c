"""Moments as the settings and the models take them."""

from __future__ import annotations

import re
from datetime import datetime

_CLOCK = "[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{3}([0-9]{3})?)?)?"
MOMENT = re.compile(f"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}({_CLOCK}(Z|[+-][0-9]{{2}}:[0-9]{{2}})?)?")
"""How a moment is written in STIR_AS_OF; macro as_of takes the same."""


def moment_fault(text: str) -> str:
    """The reason why a text is no moment; empty if it is one."""
    why = "" if MOMENT.fullmatch(text) else "it is written in another way"
    if not why:
        try:
            datetime.fromisoformat(text)
        except ValueError as error:
            why = str(error)
    return why and f"{text!r} is not an ISO time ({why}): write 2026-06-15T00:00:00Z"
