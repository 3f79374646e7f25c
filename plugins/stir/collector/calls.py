"""A call of a source: the budget before it, the source's check of the answer after it, and what follows from faults."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from stir.collector.faults import AnsweredError, Fault, Kind, UnavailableError
from stir.collector.http import Answer, BrokenAnswerError, Http, Request
from stir.collector.pacific import next_midnight
from stir.collector.protocol import Budget, Charge, Credential, Later, NoCredential, Usage

TRIES = 4
"""Calls until a failing source is given up for now."""
LONGEST_WAIT = 64.0
PATIENCE = timedelta(seconds=30)
"""A request waits no longer than this inside a worker; beyond it goes back to the queue."""
AWAY = timedelta(minutes=5)
REST = timedelta(minutes=60)
"""How long a credential rests whose source does not say how long."""
DOUBT = (10.0, 30.0)
"""Seconds before a doubtful answer is asked for again."""
CREDENTIALS = 8
"""Credentials that one request tries."""

Clock = Callable[[], datetime]
Sleep = Callable[[float], Awaitable[None]]


class Rules(Protocol):
    """What a source's answers mean."""

    def fault(self, answer: Answer) -> Fault | None:
        """The fault of an answer, None if it holds what was asked for. A status of 200 says nothing by itself."""
        ...

    def usage(self, answer: Answer) -> Usage | None:
        """What the answer says of the credential's use."""
        ...


@dataclass(frozen=True)
class Calls:
    """Calls of all sources for one request of the queue.

    Attributes:
        budget: asked before every call, also before one that is repeated.
        priority: of the request.
        clock: the present.
        sleep: waits for seconds; a test does not.
        stays: whether no other source can be asked instead.
    """

    http: Http
    budget: Budget
    priority: int
    clock: Clock
    sleep: Sleep = asyncio.sleep
    chance: Callable[[], float] = random.random
    stays: bool = False

    async def ask(self, charge: Charge, rules: Rules, build: Callable[[Credential], Request]) -> Answer:
        """The source's answer.

        Raises:
            AnsweredError: a fault that says something about what was asked.
            UnavailableError: a limit, an outage, or no credential.
        """
        tries, doubts, refused = 0, 0, 0
        while True:
            credential = await self._credential(charge)
            fault = await self._once(rules, build(credential), credential)
            if isinstance(fault, Answer):
                return fault
            match fault.kind:
                case Kind.CREDENTIAL | Kind.LIMIT | Kind.CLOSED:
                    refused += 1
                    await self._spare(charge, credential, fault)
                    if refused == CREDENTIALS or not credential.id:
                        wait = fault.rest or (REST if fault.kind == Kind.CREDENTIAL else AWAY)
                        raise self._away(charge, wait, fault.reason, is_limit=fault.kind != Kind.CREDENTIAL)
                case Kind.HICCUP | Kind.BUSY:
                    tries += 1
                    # Full jitter over 1 to 64 seconds, so that processes do not come back together.
                    seconds = fault.rest.total_seconds() if fault.rest else min(LONGEST_WAIT, 2.0**tries)
                    is_limit = fault.kind == Kind.BUSY
                    if tries == TRIES or (fault.rest and fault.rest > PATIENCE):
                        raise self._away(charge, fault.rest or AWAY, fault.reason, is_limit=is_limit)
                    await self.sleep(seconds if fault.rest else max(1.0, seconds * self.chance()))
                case Kind.DOUBTFUL:
                    if doubts == len(DOUBT):
                        raise AnsweredError(Fault(Kind.GONE, f"{fault.reason} three times"))
                    await self.sleep(DOUBT[doubts])
                    doubts += 1
                case _:
                    raise AnsweredError(fault)

    async def glance(self, charge: Charge, build: Callable[[Credential], Request]) -> Answer | None:
        """The answer to one try of a call that nothing depends on; None if a limit leaves no call for it.

        Raises:
            BrokenAnswerError: there is no answer that can be read.
        """
        try:
            credential = await self.budget.take(charge, self.priority)
        except (Later, NoCredential):
            return None
        return await self.http.send(build(credential))

    async def _credential(self, charge: Charge) -> Credential:
        try:
            return await self.budget.take(charge, self.priority, stays=self.stays)
        except Later as later:
            raise UnavailableError(charge.source, later.until, later.reason, is_limit=True) from None
        except NoCredential as none:
            until = none.until or self.clock() + REST
            raise UnavailableError(charge.source, until, none.reason, is_limit=none.until is not None) from None

    async def _once(self, rules: Rules, request: Request, credential: Credential) -> Answer | Fault:
        try:
            answer = await self.http.send(request)
            if usage := rules.usage(answer):
                await self.budget.learned(credential, usage)
            return rules.fault(answer) or answer
        except BrokenAnswerError as error:
            return Fault(Kind.HICCUP, str(error))

    async def _spare(self, charge: Charge, credential: Credential, fault: Fault) -> None:
        match fault.kind:
            case Kind.CREDENTIAL:
                await self.budget.disable(credential, fault.reason)
            case Kind.LIMIT:
                await self.budget.rest(credential, self.clock() + (fault.rest or REST), fault.reason)
            case _:
                project = fault.project or credential.project
                if project != credential.project:
                    await self.budget.belongs(credential, project)
                midnight = next_midnight(self.clock())
                await self.budget.close(charge.source, charge.bucket, project, midnight, fault.reason)

    def _away(self, charge: Charge, wait: timedelta, reason: str, *, is_limit: bool) -> UnavailableError:
        return UnavailableError(charge.source, self.clock() + wait, reason, is_limit=is_limit)
