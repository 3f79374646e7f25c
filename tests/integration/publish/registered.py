"""Specs that only a test knows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from stir.publish import SPECS, PublishSpec


@contextmanager
def registered(spec: PublishSpec) -> Iterator[PublishSpec]:
    """The spec, known by its name."""
    before = SPECS.get(spec.name)
    SPECS[spec.name] = spec
    try:
        yield spec
    finally:
        SPECS.pop(spec.name)
        if before:
            SPECS[spec.name] = before
