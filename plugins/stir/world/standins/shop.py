"""A shop of Shopify: its orders by time of change, page by page with tokens in the `Link` header."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stir.world.standins.server import Ask, Reply


@dataclass
class ShopStandIn:
    """The Admin API of one shop."""

    orders: Sequence[Mapping[str, Any]]
    tokens: Sequence[str]

    def __call__(self, ask: Ask) -> Reply:
        """Answer one request. A token of a page may stand beside `limit` only."""
        if ask.headers.get("x-shopify-access-token") not in self.tokens:
            return Reply({"errors": "[API] Invalid API key or access token"}, 401)
        limit = int(ask.params.get("limit", "50"))
        if token := ask.params.get("page_info"):
            if set(ask.params) != {"limit", "page_info"}:
                return Reply({"errors": "page_info: Invalid value."}, 400)
            since, start = json.loads(token)
        else:
            since, start = ask.params.get("updated_at_min", ""), 0
        changed = sorted(
            (each for each in self.orders if str(each["updated_at"]) >= since), key=lambda each: str(each["updated_at"])
        )
        headers = {"x-shopify-shop-api-call-limit": "32/40"}
        if start + limit < len(changed):
            following = json.dumps([since, start + limit]).replace('"', "%22").replace(" ", "")
            headers["link"] = f'<https://shop.example{ask.path}?limit={limit}&page_info={following}>; rel="next"'
        return Reply({"orders": changed[start : start + limit]}, headers=headers)
