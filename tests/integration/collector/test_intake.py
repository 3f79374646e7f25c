"""Credentials that come through a broker: encrypted, acknowledged, and refused without a word of the secret."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import psycopg
import pytest

from stir.collector import credentials
from stir.collector.intake import STREAM, read, take_credentials
from stir.errors import StirError
from stir.ingest.broker import connect
from stir.ingest.vault import Vault
from stir.local import ensure_services
from stir.settings import Settings, load_settings

SECRET = "EAAThatComesByTheBroker"


def test_a_credential_that_comes_by_the_broker_is_encrypted_and_a_bad_one_is_named_without_its_secret(
    settings: Settings, tables: psycopg.Connection, safe: Vault, caplog: pytest.LogCaptureFixture
) -> None:
    streaming = ensure_services(load_settings(), ["broker"])
    good = {"source": "instagram", "name": "ada", "secret": SECRET, "account": "17841", "project": "app 1"}
    bad = {"source": "nobody", "secret": SECRET}

    async def run() -> int:
        broker = await connect(streaming)
        await broker.declare([STREAM])
        for number, document in enumerate((bad, good)):
            await broker.publish(STREAM, json.dumps(document).encode(), message_id=f"{number}-{id(good)}", headers={})
        taking = asyncio.create_task(take_credentials(streaming))
        async with asyncio.timeout(180):
            while (await broker.backlog(STREAM)).messages or not credentials.entries(tables):
                await asyncio.sleep(0.1)
        taking.cancel()
        await asyncio.gather(taking, return_exceptions=True)
        left = (await broker.backlog(STREAM)).messages
        await broker.close()
        return left

    with caplog.at_level(logging.WARNING, logger="stir.collector"):
        assert asyncio.run(run()) == 0
    (entry,) = credentials.entries(tables)
    assert (entry.source, entry.name, entry.account, entry.project) == ("instagram", "ada", "17841", "app 1")
    assert credentials.open_credential(tables, safe, entry).secret == SECRET
    assert "names no source" in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b'{"source": 1}', b'{"source": "youtube_rss", "secret": "x"}'])
def test_a_message_that_holds_no_credential_is_refused(body: Any) -> None:
    with pytest.raises(StirError):
        read(body)
