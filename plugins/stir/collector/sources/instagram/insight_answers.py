"""The flows of Instagram that read what only an owner's token shows: insights and comments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from stir.collector.chain import Asking, Pass, Result
from stir.collector.faults import AnsweredError, Kind
from stir.collector.paging import Page, read_pages
from stir.collector.protocol import Empty, Task
from stir.collector.reading import count, text
from stir.collector.records import Found
from stir.collector.sources.instagram import parse, process
from stir.collector.sources.instagram.answers import each_task
from stir.collector.sources.instagram.client import SOURCE, Instagram
from stir.collector.sources.instagram.identity import graph_ids, posts_of_owners
from stir.collector.sources.instagram.metrics import NAVIGATION, Learned
from stir.collector.sources.instagram.parse import Comment, Insights
from stir.collector.stored import Row

MOST_COMMENTS = 1_000
AUDIENCES = {
    "audience": "follower_demographics",
    "reached_audience": "reached_demographics",
    "engaged_audience": "engaged_audience_demographics",
}
BREAKDOWNS = {"gender_age": "age,gender", "city": "city", "country": "country"}
_GENDERS = {"M": "male", "F": "female", "U": "uncategorized"}


@dataclass(frozen=True)
class MediaInsights:
    """Insights of posts and stories. A metric that its kind does not have is left out, and the rest arrives."""

    instagram: Instagram
    learned: Learned = field(default_factory=Learned)
    source: str = SOURCE

    async def answer(self, tasks: Sequence[Task], asking: Asking) -> Mapping[int, Result]:
        """The insights of each post."""
        posts = await posts_of_owners(tasks, asking)

        async def answer(task: Task) -> Result:
            row, account = posts.get(task.entities[0], (None, None))
            if row is None or account is None:
                return Pass("the post or its author is not stored, so no token of an owner can be chosen")
            media = text(task.params.get("post_id")) or text(task.params.get("story_id")) or text(row.get("post_id"))
            if media is None:
                return Pass("the id of the post in the Graph API is not known")
            return await self._insights(task, row, str(account["fbid"]), media, asking)

        return await each_task(tasks, answer)

    async def _insights(self, task: Task, row: Row, account: str, media: str, asking: Asking) -> Result:
        kind = str(row.get("post_type") or task.params.get("post_type") or "")
        kind = kind if kind in ("story", "reels") else "feed"
        notes: list[str] = []
        insights = await self._metrics(kind, account, media, asking, notes)
        if kind == "story":
            asked = {"metric": NAVIGATION, "metric_type": "total_value", "breakdown": "story_navigation_action_type"}
            steps = parse.insights(await self.instagram.insights(asking.calls, account, media, asked))
            insights = Insights({**insights.values, **steps.values}, steps.divided)
        if not insights.values and not insights.divided:
            return Empty("Instagram has no insights yet; they come up to 48 hours late")
        return Found(process.EVENTS, process.of_insights(insights, row, asking.reading(task)), notes=notes)

    async def _metrics(self, kind: str, account: str, media: str, asking: Asking, notes: list[str]) -> Insights:
        while metrics := self.learned.of(kind):
            try:
                document = await self.instagram.insights(asking.calls, account, media, {"metric": ",".join(metrics)})
                return parse.insights(document)
            except AnsweredError as error:
                if error.fault.kind != Kind.METRIC:
                    raise
                refused = self.learned.refuse(kind, metrics, error.fault.detail)
                if not refused:
                    raise
                notes.append(f"Instagram has no metric {refused} for {kind}")
        return Insights()


@dataclass(frozen=True)
class AccountInsights:
    """The audience of an account by age and gender, city and country: followers, and those reached or engaged.

    Our columns are named after the metrics of before December 2023, which told of the same people.
    """

    instagram: Instagram
    source: str = SOURCE

    async def answer(self, tasks: Sequence[Task], asking: Asking) -> Mapping[int, Result]:
        """The audience of each account."""
        accounts = await graph_ids("handle", [task.entities[0] for task in tasks], asking)

        async def answer(task: Task) -> Result:
            account = accounts.get(task.entities[0].lower())
            if account is None:
                return Pass("the account is not stored with an id of the Graph API; crawl its profile first")
            return await self._audience(task, account, asking)

        return await each_task(tasks, answer)

    async def _audience(self, task: Task, account: Row, asking: Asking) -> Result:
        identity = str(account["profile_id"])
        rows = await asking.stored.rows(process.AUDIENCE, "profile_id", [identity])
        found, notes = dict[str, Mapping[str, Any]](), list[str]()
        for scope, metric in AUDIENCES.items():
            for name, breakdown in BREAKDOWNS.items():
                asked = {"metric": metric, "period": "lifetime", "metric_type": "total_value", "breakdown": breakdown}
                if scope != "audience":
                    asked["timeframe"] = "this_month"
                try:
                    document = await self.instagram.account_insights(asking.calls, str(account["fbid"]), asked)
                except AnsweredError as error:
                    if error.fault.kind not in (Kind.METRIC, Kind.REFUSED, Kind.NOTHING):
                        raise
                    notes.append(f"{metric} by {breakdown}: {error.fault.reason}")
                    continue
                weights = parse.insights(document).divided.get(metric, {})
                found[f"{scope}_{name}"] = _by_gender(weights) if name == "gender_age" else weights
        if not any(found.values()):
            return Empty("Instagram tells nothing of so small an audience")
        handle = str(account.get("handle") or task.entities[0])
        row = process.of_audience(found, identity, handle, rows.get(identity), asking.reading(task))
        return Found(process.EVENTS, [row], notes=notes)


@dataclass(frozen=True)
class Comments:
    """Comments on posts whose authors let us in."""

    instagram: Instagram
    source: str = SOURCE

    async def answer(self, tasks: Sequence[Task], asking: Asking) -> Mapping[int, Result]:
        """The comments on each post."""
        posts = await posts_of_owners(tasks, asking)

        async def answer(task: Task) -> Result:
            row, account = posts.get(task.entities[0], (None, None))
            if row is None or account is None or not row.get("post_id"):
                return Pass("Instagram shows comments to the owner only, and nobody who let us in is known as it")

            async def fetch(cursor: str) -> Page[Comment]:
                document = await self.instagram.comments(
                    asking.calls, str(account["fbid"]), str(row["post_id"]), cursor
                )
                return parse.comments(document)

            listed = await read_pages(fetch, count(task.params.get("max_comments")) or MOST_COMMENTS)
            reading = asking.reading(task)
            records = [process.of_comment(each, task.entities[0], reading) for each in listed.items]
            return Found(process.EVENTS, records, complete=listed.complete, failure=listed.failure)

        return await each_task(tasks, answer)


def _by_gender(weights: Mapping[str, float]) -> dict[str, dict[str, float]]:
    """`25-34.F` to female and 25-34, as our column has it."""
    found: dict[str, dict[str, float]] = {}
    for name, number in weights.items():
        age, _, gender = name.partition(".")
        found.setdefault(_GENDERS.get(gender, "uncategorized"), {})[age] = number
    return found
