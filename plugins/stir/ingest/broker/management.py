"""RabbitMQ's management API: it alone knows which messages of a queue consumers hold."""

from __future__ import annotations

from urllib.parse import quote

from stir.addresses import Endpoint
from stir.ingest.broker.protocol import BrokerAwayError, BrokerRefusedError

_SECONDS = 10.0


async def held_by_consumers(management: Endpoint, broker: Endpoint, queue: str) -> tuple[int, int | None]:
    """Messages that are delivered and not acknowledged, and the bytes of all messages; as of the last five seconds.

    The user is that of `management`, else that of `broker`, whose virtual host holds the queue.

    Raises:
        BrokerAwayError: the API does not answer.
        BrokerRefusedError: it refuses the user.
    """
    import httpx

    host, where = quote(broker.path or "/", safe=""), quote(queue, safe="")
    url = f"{management.scheme}://{management.host}:{management.port}/api/queues/{host}/{where}"
    who = (management.user, management.password) if management.user else (broker.user, broker.password)
    try:
        async with httpx.AsyncClient(auth=who, timeout=_SECONDS) as client:
            answer = await client.get(url)
    except httpx.HTTPError as error:
        raise BrokerAwayError(f"RabbitMQ's management API does not answer: {type(error).__name__}") from None
    if answer.status_code in (401, 403):
        raise BrokerRefusedError("RabbitMQ's management API refuses the user")
    if answer.status_code != 200:
        raise BrokerAwayError(f"RabbitMQ's management API answers {answer.status_code}")
    said = answer.json()
    # A queue that was declared a moment ago is not counted yet.
    return int(said.get("messages_unacknowledged") or 0), said.get("message_bytes")
