"""Finds out which column of a file is which column of ours."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from stir.errors import StirError


def folded(name: str) -> str:
    """A name without case, accents, blanks and signs: `Channel_Title` and `channel title` are one."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    return re.sub(r"[^\w#]|_", "", "".join(char for char in plain if not unicodedata.combining(char)))


def match_columns(
    theirs: Sequence[str],
    ours: Mapping[str, Iterable[str]],
    wanted: Mapping[str, str],
    constants: Iterable[str],
    *,
    where: str,
) -> dict[str, str]:
    """Which of their columns stands for each of ours, as far as one does.

    Args:
        theirs: the columns of the file.
        ours: our columns, each with other names that people give it, the likeliest first.
        wanted: their column to ours, as the user says; it goes before every guess.
        constants: our columns that get one value for all rows.
        where: the file, for messages.

    Raises:
        StirError: a column that the user names does not exist.
    """
    known = {folded(name): name for name in reversed(theirs)}
    found: dict[str, str] = {}
    for their, our in wanted.items():
        if folded(their) not in known:
            raise StirError(f"the file has no column {their!r}", where=where, do=_advice(their, theirs))
        if our not in ours:
            raise StirError(f"there is no column {our!r} to load into", where="--map", do=_advice(our, list(ours)))
        found[our] = known[folded(their)]
    for our in constants:
        if our not in ours:
            raise StirError(f"there is no column {our!r} to set", where="--set", do=_advice(our, list(ours)))
    given = {*found, *constants}
    for our, others in ours.items():
        if our in given:
            continue
        for name in (our, *others):
            match = known.get(folded(name))
            if match is not None and match not in found.values():
                found[our] = match
                break
    return found


def _advice(name: str, names: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, names, n=1)
    return f"did you mean {near[0]!r}?" if near else f"its columns are {', '.join(names)}"
