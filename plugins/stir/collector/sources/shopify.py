"""Shopify: the orders of a shop that changed since a moment, page by page.

Source: shopify.dev, Admin REST API, orders and pagination.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from stir.collector.chain import Asking, Result
from stir.collector.faults import AnsweredError, Fault, Kind
from stir.collector.http import Answer, Request
from stir.collector.paging import Page, read_pages
from stir.collector.protocol import Charge, Credential, Task, Usage
from stir.collector.reading import compact, count, items, moment, part, text
from stir.collector.records import Found, Reading, Record, present
from stir.collector.settings import CollectorSettings

SOURCE = "shopify"
PAGE = 250
MOST_ORDERS = 50_000
_NEXT = re.compile(r'<([^>]*)>;\s*rel="?next"?')
_STORE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,60}(\.myshopify\.com)?")
_KEPT = ("name", "total_price", "tags", "created_at", "updated_at", "cancelled_at", "test")
"""What a report needs of an order. The rest is about the buyer and is not kept."""


class ShopifyRules:
    """What the Admin API's errors mean."""

    def fault(self, answer: Answer) -> Fault | None:
        """The fault of an answer."""
        if answer.status == 200:
            return None if "orders" in answer.document else Fault(Kind.HICCUP, "the answer has no orders")
        if answer.status in (401, 402, 403, 423):
            return Fault(Kind.CREDENTIAL, f"the shop answers {answer.status}")
        if answer.status == 404:
            return Fault(Kind.GONE, "there is no such shop")
        kind = Kind.BUSY if answer.status == 429 else Kind.HICCUP if answer.status >= 500 else Kind.REFUSED
        return Fault(kind, f"the shop answers {answer.status}", answer.retry_after())

    def usage(self, answer: Answer) -> Usage | None:
        """The share of the shop's bucket that is used, such as `32/40`."""
        used, _, most = answer.headers.get("x-shopify-shop-api-call-limit", "").partition("/")
        number, of = count(used), count(most)
        return Usage(percent=100 * number / of) if number is not None and of else None


_RULES = ShopifyRules()


@dataclass(frozen=True)
class Orders:
    """The orders of a shop."""

    settings: CollectorSettings
    source: str = SOURCE

    async def answer(self, tasks: Sequence[Task], asking: Asking) -> Mapping[int, Result]:
        """The changed orders of each shop."""
        return {task.request_id: await self._orders(task, asking) for task in tasks}

    async def _orders(self, task: Task, asking: Asking) -> Result:
        (store,) = task.entities
        charge = Charge(source=SOURCE, bucket="requests", entity=store, account=store)
        since = text(task.params.get("updated_at_min"))
        first = {"status": "any", "limit": str(PAGE), "order": "updated_at asc"} | present({"updated_at_min": since})

        async def fetch(token: str) -> Page[Mapping[str, Any]]:
            # A token holds everything: other parameters beside it are refused.
            asked = {"limit": str(PAGE), "page_info": token} if token else first

            def build(credential: Credential) -> Request:
                base = self.settings.shopify_url.replace("{store}", _domain(store, credential))
                headers = {"x-shopify-access-token": credential.secret}
                return Request(url=f"{base}/orders.json", params=asked, headers=headers)

            answer = await asking.calls.ask(charge, _RULES, build)
            link = _NEXT.search(answer.headers.get("link", ""))
            token = parse_qs(urlsplit(link[1]).query).get("page_info", [""])[0] if link else ""
            return Page(items(answer.document, "orders"), token)

        listed = await read_pages(fetch, MOST_ORDERS)
        reading = asking.reading(task)
        records = [record for each in listed.items if (record := _order(each, store, reading))]
        return Found(SOURCE, records, complete=listed.complete, failure=listed.failure)


def _order(document: Mapping[str, Any], store: str, reading: Reading) -> Record | None:
    identity = document.get("id")
    if not isinstance(identity, int | str) or not str(identity):
        return None
    landing = text(document.get("landing_site"))
    query = parse_qs(urlsplit(landing).query) if landing else {}
    utm = {name: query[f"utm_{name}"][0] for name in ("source", "medium", "campaign") if query.get(f"utm_{name}")}
    fulfilments = [
        {name: each.get(name) for name in ("status", "created_at")} for each in items(document, "fulfillments")
    ]
    kept = {name: document.get(name) for name in _KEPT} | {"fulfillments": fulfilments}
    changed = moment(document.get("updated_at"))
    row = reading.row(
        "beat_order",
        f"order {store} {identity}",
        None,
        {
            "platform": SOURCE,
            "platform_order_id": str(identity),
            "status": _status(document),
            "name": text(document.get("name")),
            "store": store,
            "store_name": text(part(document, "line_items_vendor")) or store,
            "landing_site": landing,
            "utm_params": compact(utm) if utm else None,
            "order_data": compact(kept),
            "created_at": moment(document.get("created_at")),
        },
    )
    # The shop's own moment: the next request begins where the newest known change ends.
    return Record(row.stream, {**row.body, **({"updated_at": changed.isoformat()} if changed else {})})


def _status(document: Mapping[str, Any]) -> str:
    if document.get("cancelled_at"):
        return "CANCELLED"
    return "FULFILLED" if document.get("fulfillment_status") == "fulfilled" else "OPEN"


def _domain(store: str, credential: Credential) -> str:
    if domain := text(credential.details.get("domain")):
        return domain
    # The shop's token goes to the shop or nowhere, whatever a request names.
    if not _STORE.fullmatch(store):
        raise AnsweredError(Fault(Kind.REFUSED, "the store is no name of a shop, and its credential has no domain"))
    return store if "." in store else f"{store}.myshopify.com"
