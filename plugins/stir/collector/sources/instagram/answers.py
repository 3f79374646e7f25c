"""The flows of Instagram that read profiles, posts and stories."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from stir.collector.chain import Asking, Pass, Result, outcome_of
from stir.collector.faults import AnsweredError, Kind, UnavailableError
from stir.collector.paging import Page, read_pages
from stir.collector.protocol import Conflict, Empty, Task
from stir.collector.records import Found
from stir.collector.sources.instagram import parse, process
from stir.collector.sources.instagram.client import PAGE, SOURCE, Instagram
from stir.collector.sources.instagram.identity import Moved, graph_ids, known_profile, posts_of_owners
from stir.collector.sources.instagram.parse import Discovered, Media
from stir.collector.stored import Row

SEARCHED = 200
"""Newest posts of an author among which a post is looked for."""


async def each_task(tasks: Sequence[Task], answer: Callable[[Task], Awaitable[Result]]) -> dict[int, Result]:
    """Answer requests one by one: what befalls one of them leaves the others alone."""
    results: dict[int, Result] = {}
    for task in tasks:
        try:
            results[task.request_id] = await answer(task)
        except UnavailableError as error:
            results[task.request_id] = error
        except AnsweredError as error:
            results[task.request_id] = outcome_of(error.fault)
    return results


@dataclass(frozen=True)
class Profiles:
    """Professional profiles by handle, by business discovery."""

    instagram: Instagram
    source: str = SOURCE

    async def answer(self, tasks: Sequence[Task], asking: Asking) -> Mapping[int, Result]:
        """The profile of each request."""
        return await each_task(tasks, lambda task: self._profile(task, asking))

    async def _profile(self, task: Task, asking: Asking) -> Result:
        (handle,) = task.entities
        await asking.stored.rows(process.ACCOUNTS, "handle", [handle.lower()])  # before a call is spent
        found = parse.discovered(await self.instagram.discover(asking.calls, handle))
        asking.note_drift(SOURCE, found.media.drift)
        if found.profile is None:
            return Pass("Instagram shows no professional account of this name")
        known = await known_profile(found.profile, handle, asking)
        if isinstance(known, Moved):
            return Conflict(f"the handle {handle} belongs to another profile now than to {known.identity}")
        return Found(process.EVENTS, process.of_profile(found.profile, known.identity, known.row, asking.reading(task)))


@dataclass(frozen=True)
class OwnPosts:
    """Posts whose authors let us in, each by a call of its own."""

    instagram: Instagram
    source: str = SOURCE

    async def answer(self, tasks: Sequence[Task], asking: Asking) -> Mapping[int, Result]:
        """The post of each request."""
        posts = await posts_of_owners(tasks, asking)

        async def answer(task: Task) -> Result:
            row, account = posts.get(task.entities[0], (None, None))
            if row is None or account is None or not row.get("post_id"):
                return Pass("nobody who let us in is known as the author")
            document = await self.instagram.medium(asking.calls, str(account["fbid"]), str(row["post_id"]))
            media = parse.medium(document)
            if media is None:
                return Pass("Instagram shows no post under the stored id")
            records = process.of_media(media, str(row["profile_id"]), account.get("handle"), row, asking.reading(task))
            return Found(process.EVENTS, records)

        return await each_task(tasks, answer)


@dataclass(frozen=True)
class DiscoveredPosts:
    """Posts of others, among the newest ones of their authors. Requests about one author share its pages."""

    instagram: Instagram
    source: str = SOURCE

    async def answer(self, tasks: Sequence[Task], asking: Asking) -> Mapping[int, Result]:
        """The post of each request."""
        posts = await asking.stored.rows(process.POSTS, "shortcode", [task.entities[0] for task in tasks])
        authors = {str(row["profile_id"]) for row in posts.values() if row.get("profile_id")}
        accounts = await asking.stored.rows(process.ACCOUNTS, "profile_id", authors)
        pages: dict[str, dict[str, tuple[Media, str, str]]] = {}

        async def answer(task: Task) -> Result:
            (shortcode,) = task.entities
            row = posts.get(shortcode)
            handle = _handle(row, accounts) or task.params.get("handle")
            if not handle:
                return Pass("the author of the post is not known, and Instagram finds posts by their authors only")
            if handle not in pages:
                wanted = {each.entities[0] for each in tasks}
                pages[handle] = await self._newest(str(handle), wanted, asking)
            if shortcode not in pages[handle]:
                return Pass(f"the post is not among the {SEARCHED} newest of its author")
            media, identity, name = pages[handle][shortcode]
            return Found(process.EVENTS, process.of_media(media, identity, name, row, asking.reading(task)))

        return await each_task(tasks, answer)

    async def _newest(self, handle: str, wanted: set[str], asking: Asking) -> dict[str, tuple[Media, str, str]]:
        """The newest posts of an author until all that are wanted are found, with the author's number and handle."""
        found: dict[str, tuple[Media, str, str]] = {}
        size, owner = PAGE, None

        async def fetch(cursor: str) -> Page[Media]:
            nonlocal size, owner
            discovered = await self._page(handle, size, cursor, asking)
            if isinstance(discovered, int):
                size = discovered
                return await fetch(cursor)
            if discovered.profile is None:
                return Page([])
            owner = owner or await known_profile(discovered.profile, handle, asking)
            identity = owner.identity if not isinstance(owner, Moved) else discovered.profile.id
            found.update(
                {each.shortcode: (each, identity, discovered.profile.handle) for each in discovered.media.items}
            )
            return Page(discovered.media.items, "" if wanted <= found.keys() else discovered.media.next)

        await read_pages(fetch, SEARCHED)
        return found

    async def _page(self, handle: str, size: int, cursor: str, asking: Asking) -> Discovered | int:
        """A page, or the half size to ask for if it was too much."""
        try:
            return parse.discovered(await self.instagram.discover(asking.calls, handle, media=size, cursor=cursor))
        except AnsweredError as error:
            if error.fault.kind == Kind.SMALLER and size > 1:
                return size // 2
            raise


def _handle(post: Row | None, accounts: Mapping[str, Row]) -> str:
    """The author's handle of today, else that of when the post was stored."""
    if post is None:
        return ""
    account = accounts.get(str(post.get("profile_id")))
    return str((account or {}).get("handle") or post.get("handle") or "")


@dataclass(frozen=True)
class Stories:
    """Stories of accounts whose owners let us in, by handle or profile id."""

    instagram: Instagram
    column: str
    source: str = SOURCE

    async def answer(self, tasks: Sequence[Task], asking: Asking) -> Mapping[int, Result]:
        """The stories of each account."""
        accounts = await graph_ids(self.column, [task.entities[0] for task in tasks], asking)

        async def answer(task: Task) -> Result:
            account = accounts.get(task.entities[0].lower())
            if account is None:
                return Pass("the account is not stored with an id of the Graph API; crawl its profile first")
            return await self._stories(task, account, asking)

        return await each_task(tasks, answer)

    async def _stories(self, task: Task, account: Row, asking: Asking) -> Result:
        page = parse.media(await self.instagram.stories(asking.calls, str(account["fbid"])))
        if not page.items:
            return Empty("no stories in the last 24 hours")
        rows = await asking.stored.rows(process.POSTS, "shortcode", [each.shortcode for each in page.items])
        found, reading = Found(process.EVENTS), asking.reading(task)
        for media in page.items:
            found.add(
                process.of_media(
                    media, str(account["profile_id"]), account.get("handle"), rows.get(media.shortcode), reading
                )
            )
        return found


@dataclass(frozen=True)
class Hashtag:
    """Recent posts with a hashtag. The answer does not name their authors, so there are rows of posts and no events."""

    instagram: Instagram
    most: int = PAGE
    source: str = SOURCE

    async def answer(self, tasks: Sequence[Task], asking: Asking) -> Mapping[int, Result]:
        """The posts of each hashtag."""
        return await each_task(tasks, lambda task: self._posts(task, asking))

    async def _posts(self, task: Task, asking: Asking) -> Result:
        word = task.entities[0].lstrip("#")
        found = (await self.instagram.hashtag(asking.calls, word)).get("data") or [{}]
        identity = str(found[0].get("id") or "")
        if not identity:
            return Empty("Instagram knows no such hashtag")

        async def fetch(cursor: str) -> Page[Media]:
            return parse.media(await self.instagram.hashtag_media(asking.calls, word, identity, cursor))

        listed = await read_pages(fetch, int(task.params.get("max_posts") or self.most))
        rows = await asking.stored.rows(process.POSTS, "shortcode", [each.shortcode for each in listed.items])
        answered, reading = (
            Found(process.EVENTS, complete=listed.complete, failure=listed.failure),
            asking.reading(task),
        )
        for media in listed.items:
            row = rows.get(media.shortcode) or {}
            author, handle = row.get("profile_id"), row.get("handle")
            answered.add(process.of_media(media, author, handle, rows.get(media.shortcode), reading))
        return answered
