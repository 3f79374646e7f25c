"""Every source that the budget knows: those of the code, and the providers that files describe."""

from __future__ import annotations

from collections.abc import Mapping

from stir.collector.limit_rules import Limit
from stir.collector.limits import Source, documented
from stir.collector.settings import load_collector_settings
from stir.collector.sources.http_json import load_providers

CALLS = "calls"
"""The bucket of a provider."""


def known_sources() -> Mapping[str, Source]:
    """Source by name.

    Raises:
        StirError: a provider's file is not valid.
    """
    providers = load_providers(load_collector_settings().collect_providers)
    described = {
        each.name: Source(
            {
                CALLS: tuple(
                    Limit(name=f"{each.name}, limit {number}", scope=rule.scope, count=rule.count, seconds=rule.seconds)
                    for number, rule in enumerate(each.limits, 1)
                )
            },
            each.needs_credential,
        )
        for each in providers
    }
    return {**described, **documented()}
