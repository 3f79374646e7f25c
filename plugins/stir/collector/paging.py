"""Lists over pages: an end, a limit, a token that comes twice, and a token that is refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from stir.collector.faults import AnsweredError, Kind

MOST_PAGES = 1_000

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """A page of a list.

    Attributes:
        next: token of the next page, empty at the end.
        drift: fields that no parser knows.
        failed: ids that the source says it could not answer for.
    """

    items: list[T]
    next: str = ""
    drift: frozenset[str] = frozenset()
    failed: tuple[str, ...] = ()


@dataclass
class Listed(Generic[T]):
    """What was read of a list.

    Attributes:
        complete: whether it was read to its end.
        failure: why it ended otherwise than by its end or the limit.
    """

    items: list[T] = field(default_factory=list)
    complete: bool = True
    failure: str = ""
    pages: int = 0


async def read_pages(fetch: Callable[[str], Awaitable[Page[T]]], most: int) -> Listed[T]:
    """Read a list up to `most` elements. A list whose token is refused half-way is begun again, once.

    Raises:
        AnsweredError, UnavailableError: of a call.
    """
    try:
        return await _read(fetch, most)
    except AnsweredError as error:
        if error.fault.kind != Kind.PAGE:
            raise
        return await _read(fetch, most)


async def _read(fetch: Callable[[str], Awaitable[Page[T]]], most: int) -> Listed[T]:
    listed: Listed[T] = Listed()
    token, seen = "", set[str]()
    while True:
        page = await fetch(token)
        listed.items += page.items
        listed.pages += 1
        token = page.next
        if len(listed.items) >= most:
            listed.complete = not token and len(listed.items) == most
            listed.items = listed.items[:most]
            return listed
        if not token:
            return listed
        if token in seen or listed.pages == MOST_PAGES:
            listed.complete = False
            listed.failure = f"the list does not end: the token of page {listed.pages} came before"
            return listed
        seen.add(token)
