"""The budget of all workers: stacked limits, the quota ledger and the choice of a credential, in one SQL function.

Every process asks the same function, so the limits hold however many workers run. While PostgreSQL is away nobody may
call: a worker that went on by itself would multiply each limit by the number of workers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from stir.collector.limit_rules import DOCUMENTED, Buckets, Limit, LimitSettings, stack
from stir.collector.protocol import Charge, Credential, Later, NoCredential, Usage
from stir.collector.session import Gathering, Session
from stir.collector.settings import load_collector_settings
from stir.collector.sources.http_json import load_providers
from stir.collector.waiting import Waiting, in_work
from stir.errors import StirError
from stir.ingest.vault import Vault

if TYPE_CHECKING:
    import psycopg

LONGEST_WAIT = 30.0
"""Seconds that a call waits for a limit before it asks another source, or goes back to the queue."""
PATIENCE = 300.0
"""The same of a call that has no other source to ask. It keeps its place, so that it does not go through the queue
again for each call that the limit leaves."""
_LOOK_AGAIN = 30.0
"""Seconds after which a waiting call asks again: a credential may have been added meanwhile."""
NO_CREDENTIAL_NEEDED = frozenset({"youtube_rss", "media"})
AWAY = timedelta(seconds=30)
HALVED_FROM, RESTED_FROM = 80.0, 95.0
"""Percent of use from which a credential's rate halves, and from which it rests."""
_REGAIN = timedelta(minutes=60)
_MOST = 64

Now = Callable[[], datetime | None]
"""The moment of a call; None is the clock of PostgreSQL, which all workers share."""
Sleep = Callable[[float], Any]
Granted = Callable[[Charge, Credential, datetime], None]


@dataclass(frozen=True)
class Source:
    """What the budget must know of a source."""

    buckets: Buckets
    needs_credential: bool = True


def documented() -> dict[str, Source]:
    """The sources that the collector knows, with the limits that their documentation or a provider's file states.

    Raises:
        StirError: the file of a provider is not valid.
    """
    known = {name: Source(buckets, name not in NO_CREDENTIAL_NEEDED) for name, buckets in DOCUMENTED.items()}
    for provider in load_providers(load_collector_settings().collect_providers):
        limits = tuple(
            Limit(
                name=f"calls of {provider.name}", scope=each.scope, count=each.count, seconds=each.seconds, of="calls"
            )
            for each in provider.limits
        )
        known[provider.name] = Source({"calls": limits}, provider.needs_credential)
    return known


class SharedBudget:
    """`stir.collector.protocol.Budget` over the tables of schema `collector`.

    Args:
        session: the connection that it uses.
        vault: opens the credentials' secrets.
        sources: name to what is known of a source.
        overall: the limits that lie on every call.
        now: the moment, for tests that move the clock.
        sleep: waits, for the same tests.
        patience: seconds that a call waits which has no other source to ask.
        granted: hears of each charge that was granted, with its credential and its moment.
    """

    def __init__(
        self,
        session: Session,
        vault: Vault,
        *,
        sources: Mapping[str, Source] | None = None,
        overall: Sequence[Limit] | None = None,
        now: Now = lambda: None,
        sleep: Sleep = asyncio.sleep,
        patience: float = PATIENCE,
        granted: Granted | None = None,
    ) -> None:
        self._session, self._vault, self._now, self._sleep = session, vault, now, sleep
        self._sources = documented() if sources is None else sources
        self._overall = LimitSettings().stacked() if overall is None else overall
        self._patience, self._granted = patience, granted
        self._secrets: dict[str, str] = {}
        self._takes: Gathering[dict[str, Any], dict[str, Any]] = Gathering(self._take_all, _MOST)
        self.waited = 0.0
        """Seconds spent waiting for limits."""
        self.waiting = Waiting()

    async def take(self, charge: Charge, priority: int, *, stays: bool = False) -> Credential:
        """Charge every limit or none, and choose a credential after any wait.

        Raises:
            Later: a limit leaves no call soon enough, or PostgreSQL is away.
            NoCredential: no credential of the source can be used.
        """
        # Who waits for one account must not hold up the requests of the others, which come after it in the queue.
        stays = stays and charge.account is None and self._patience > LONGEST_WAIT
        left = self._patience if stays else LONGEST_WAIT
        asked = self._asked(charge, priority)
        found = await self._takes.ask(asked)
        if found["granted"]:
            self.waiting.granted(charge)
            return self._given(charge, found)
        wait = self._wait(charge, found, left)
        if not self.waiting.refused(charge, wait, stays=stays):
            raise self._later(charge, found)
        with self.waiting.on(charge):
            while True:
                # A little later than said: another worker may have taken the place.
                pause = min(wait + 0.001, left, _LOOK_AGAIN)
                left -= pause
                self.waited += pause
                in_work().waits(pause)
                await self._sleep(pause)
                found = await self._takes.ask(asked)
                if found["granted"]:
                    return self._given(charge, found)
                wait = self._wait(charge, found, left)

    def _given(self, charge: Charge, found: Mapping[str, Any]) -> Credential:
        credential = self._credential(charge.source, found)
        if self._granted is not None:
            self._granted(charge, credential, datetime.fromisoformat(found["moment"]))
        return credential

    def _wait(self, charge: Charge, found: Mapping[str, Any], left: float) -> float:
        """Seconds until the limits leave a call."""
        if found["ready_at"] is None:
            raise NoCredential(charge.source, self._missing(charge))
        wait = datetime.fromisoformat(found["ready_at"]) - datetime.fromisoformat(found["moment"])
        if wait.total_seconds() > left:
            raise self._later(charge, found)
        return wait.total_seconds()

    @staticmethod
    def _later(charge: Charge, found: Mapping[str, Any]) -> Later | NoCredential:
        ready = datetime.fromisoformat(found["ready_at"])
        if found["resting"]:
            return NoCredential(charge.source, "every credential rests", ready)
        return Later(ready, f"{charge.source}: {found['limit']}")

    def _asked(self, charge: Charge, priority: int) -> dict[str, Any]:
        source = self._sources.get(charge.source)
        if source is None or charge.bucket not in source.buckets:
            raise StirError(f"nobody knows the limits of bucket {charge.bucket!r} of source {charge.source!r}")
        return {
            "source": charge.source,
            "bucket": charge.bucket,
            "units": charge.units,
            "entity": charge.entity,
            "account": charge.account,
            "priority": priority,
            "needs_credential": source.needs_credential,
            "limits": stack((*self._overall, *source.buckets[charge.bucket])),
        }

    @staticmethod
    def _missing(charge: Charge) -> str:
        of = f" of account {charge.account}" if charge.account else ""
        return f"there is no usable credential{of}; `./stir credentials add {charge.source}` adds one"

    async def _take_all(self, asked: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
        import psycopg
        from psycopg.types.json import Jsonb

        moment = self._now()

        def take(connection: psycopg.Connection) -> list[dict[str, Any]]:
            rows = connection.execute(
                "select collector.take(one, %s) from unnest(%s::jsonb[]) with ordinality as asked (one, place)"
                " order by place",
                [moment, [Jsonb(each) for each in asked]],
            ).fetchall()
            return [found for (found,) in rows]

        try:
            return await self._session.run(take)
        except psycopg.OperationalError as error:
            # A server that is there says a state, such as that of a full disk.
            why = str(error).splitlines()[0] if error.sqlstate else "PostgreSQL is away"
            raise Later((moment or datetime.now(UTC)) + AWAY, f"the limits cannot be asked: {why}") from None

    def _credential(self, source: str, found: Mapping[str, Any]) -> Credential:
        locked = found["secret"]
        if locked and locked not in self._secrets:
            self._secrets[locked] = self._open(locked)
        return Credential(
            id=found["id"],
            source=source,
            project=found["project"],
            secret=self._secrets[locked] if locked else "",
            account=found["account"],
            details=found["details"],
        )

    def _open(self, locked: str) -> str:
        try:
            return self._vault.open(locked.encode()).decode()
        except StirError:
            # The keys may have been rotated since this process read them.
            self._vault = Vault(self._vault.keys)
            return self._vault.open(locked.encode()).decode()

    async def learned(self, credential: Credential, usage: Usage) -> None:
        """Note what the source says of the credential's use: from 80 % the rate halves, from 95 % it rests."""
        if usage.percent >= RESTED_FROM:
            regain = timedelta(minutes=usage.regain_minutes) if usage.regain_minutes > 0 else _REGAIN
            until = (self._now() or datetime.now(UTC)) + regain
            await self.rest(credential, until, f"{usage.percent:.0f} % of its limit is used")
        factor = 2.0 if usage.percent >= HALVED_FROM else 1.0
        await self._execute(
            "update collector.credential set slowdown = %s where credential_id = %s and slowdown <> %s",
            factor,
            credential.id,
            factor,
        )

    async def rest(self, credential: Credential, until: datetime, reason: str) -> None:
        """Use the credential no more before `until`."""
        await self._execute(
            "update collector.credential set rested_until = greatest(rested_until, %s), rest_reason = %s"
            " where credential_id = %s",
            until,
            reason[:500],
            credential.id,
        )

    async def disable(self, credential: Credential, reason: str) -> None:
        """Use the credential no more until a person has acted."""
        await self._execute(
            "update collector.credential set disabled_at = clock_timestamp(), disabled_reason = %s"
            " where credential_id = %s and disabled_at is null",
            reason[:500],
            credential.id,
        )

    async def close(self, source: str, bucket: str, project: str, until: datetime, reason: str) -> None:
        """Close a bucket of a project: the source says that it is used up, whatever the ledger says."""
        await self._execute(
            "insert into collector.closed_bucket as b (source, bucket, project, until, reason)"
            " values (%s, %s, %s, %s, %s) on conflict (source, bucket, project) do update"
            " set until = greatest(b.until, excluded.until), reason = excluded.reason",
            source,
            bucket,
            project,
            until,
            reason[:500],
        )

    async def belongs(self, credential: Credential, project: str) -> None:
        """Note the project that the source names as the credential's: its keys share their buckets from now on."""
        await self._execute(
            "update collector.credential set project = %s where credential_id = %s and project <> %s",
            project,
            credential.id,
            project,
        )

    async def _execute(self, statement: str, *values: Any) -> None:
        await self._session.run(lambda connection: connection.execute(statement.encode(), values))
