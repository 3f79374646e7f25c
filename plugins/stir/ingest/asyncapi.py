"""The streams as an AsyncAPI document, written from the contracts."""

from __future__ import annotations

from typing import Any

from stir import __version__
from stir.ingest.messages import NDJSON
from stir.ingest.streams import streams
from stir.sources.json_schema import json_schema


def document() -> dict[str, Any]:
    """AsyncAPI 3.0: a channel and a message for each stream, and the schema of each contract once."""
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    messages: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    for stream in streams():
        schemas[stream.table] = json_schema(stream.contract)
        messages[stream.name] = {
            "contentType": NDJSON,
            "summary": f"records of {stream.table}, version {stream.contract.version}: one JSON object on each line",
            "payload": {"$ref": f"#/components/schemas/{stream.table}"},
        }
        channels[stream.name] = {
            "address": f"stir.{stream.name}",
            "description": stream.contract.description,
            "messages": {"records": {"$ref": f"#/components/messages/{stream.name}"}},
            "bindings": {"amqp": {"is": "queue", "queue": {"name": f"stir.{stream.name}", "durable": True}}},
        }
        operations[f"send_{stream.name}"] = {
            "action": "receive",
            "summary": f"the sink writes these records to {stream.table}",
            "channel": {"$ref": f"#/channels/{stream.name}"},
        }
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "stir's streams", "version": __version__},
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "schemas": schemas},
    }
