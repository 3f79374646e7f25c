"""The synthetic source world: every source table, filled inside ClickHouse by closed forms of (seed, creator, time)."""

from stir.world.creation import advance, make
from stir.world.description import WorldDescription, describe, planted
from stir.world.parameters import WorldParameters, midnight

__all__ = ["WorldDescription", "WorldParameters", "advance", "describe", "make", "midnight", "planted"]
