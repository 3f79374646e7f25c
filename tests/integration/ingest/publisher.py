"""A publisher that may be killed at any moment: it notes what it is about to send, sends, and notes what was confirmed.

`python publisher.py FOLDER SEED` publishes until it is ended. Most records are good; some break the contract, some come
under a used id with another body, and some bodies are no records at all.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from pathlib import Path

from stir.ingest import broker
from stir.ingest.broker import BrokerError
from stir.ingest.messages import NDJSON
from stir.settings import load_settings

STREAM = "profile_log"
HOSTILE = (b"\xff\x00", b"[" * 20_000, b'{"event_id": NaN}', b'{"a": 1, "a": 2}', b'{"event_id": "\\ud800"}', b"{")


def record(identity: str, draw: random.Random) -> dict[str, str]:
    """A reading of a profile in one of two months."""
    return {
        "event_id": identity,
        "source": "ytapi",
        "platform": "YOUTUBE",
        "profile_id": "UC_x5XG1OV2P6uZZ5FSM9Ttw",
        "event_timestamp": f"2026-0{draw.choice('45')}-{draw.randint(10, 28)}T10:00:00Z",
        "metrics": json.dumps({"followers": draw.randint(1, 10**6)}),
        "dimensions": "{}",
    }


async def publish(folder: Path, seed: str) -> None:
    """Publish until the process is ended."""
    draw, number = random.Random(seed), 0  # noqa: S311 - repeatable, not secret
    connection = None
    while True:
        identities = [f"{seed}-{number + n}" for n in range(draw.choice((1, 10, 100)))]
        number += len(identities)
        bodies, good, bad = [], [], []
        for identity in identities:
            made = record(identity, draw)
            if draw.random() < 0.01:
                made["platform"] = "MYSPACE"
                bad.append(identity)
            else:
                good.append(identity)
            bodies.append(json.dumps(made).encode())
            if draw.random() < 0.005:
                bodies.append(json.dumps(record(good[0] if good else identity, draw)).encode())
        if draw.random() < 0.05:
            bodies.append(draw.choice(HOSTILE))
        await asyncio.sleep(draw.uniform(0, 0.05))  # about a thousand records a second
        with (folder / "sent").open("a") as sent:
            sent.write("".join(f"{each}\n" for each in identities))
        while True:
            try:
                connection = connection or await broker.connect(load_settings())
                await connection.publish(
                    STREAM, b"\n".join(bodies), message_id=f"{seed}-{number}", headers={"content-type": NDJSON}
                )
                break
            except BrokerError:
                await asyncio.sleep(0.1)
        with (folder / "confirmed").open("a") as confirmed:
            confirmed.write("".join(f"good {each}\n" for each in good) + "".join(f"bad {each}\n" for each in bad))


if __name__ == "__main__":
    asyncio.run(publish(Path(sys.argv[1]), sys.argv[2]))
