"""The history of the world: the newest row of `world.parameters` is its last step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from stir import connections
from stir.errors import StirError
from stir.settings import Settings
from stir.world.parameters import WorldParameters

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

State = Literal["making", "advancing", "ready"]


@dataclass(frozen=True)
class WorldState:
    """The last step of a world.

    Attributes:
        state: `ready`, or the step that was begun and has not ended.
        end: the world is complete up to here.
        until: the end after the current step; equals `end` if ready.
    """

    state: State
    seed: int
    creators: int
    start: datetime
    end: datetime
    until: datetime

    def is_of(self, parameters: WorldParameters) -> bool:
        """Whether these are the parameters of this world."""
        return (self.seed, self.creators, self.start, self.end) == (
            parameters.seed,
            parameters.creators,
            parameters.start,
            parameters.end,
        )

    def bounds(self) -> dict[str, int]:
        """Start and end as Unix seconds for all creators, as parameters of the world's views."""
        return {
            "seed": self.seed,
            "first": 0,
            "last": self.creators,
            "start": int(self.start.timestamp()),
            "after": 0,
            "until": int(self.end.timestamp()),
        }


def read_state(client: Client) -> WorldState | None:
    """The last step, or None where no world was ever begun."""
    if not _exists(client, "parameters"):
        return None
    rows = client.query(
        "select state, seed, creators, start, end, until from world.parameters order by revision desc limit 1"
    ).result_rows
    if not rows:
        return None
    state, seed, creators, start, end, until = rows[0]
    return WorldState(state, seed, creators, _utc(start), _utc(end), _utc(until))


def made_by(client: Client) -> str:
    """The fingerprint of the SQL that made the existing world; empty if it is not known."""
    if not _exists(client, "version"):
        return ""
    rows = client.query("select fingerprint from world.version").result_rows
    return str(rows[0][0]) if rows else ""


def require_world(client: Client, *, whole: bool = True) -> WorldState:
    """The state of the existing world. With `whole`, an unfinished advance raises as well.

    Raises:
        StirError: there is none, or its last step was interrupted.
    """
    state = read_state(client)
    if state is None:
        raise StirError("there is no world", do="create one with `./stir world make`")
    if state.state == "making":
        raise StirError("the world is incomplete: its creation was interrupted", do="run `./stir world make` again")
    if state.state == "advancing" and whole:
        raise StirError("an advance of the world was interrupted", do="run `./stir world advance` again")
    return state


def refuse_half_made(client: Client) -> None:
    """Raises:
    StirError: the creation of the world was interrupted, so its tables are incomplete.
    """
    if read_state(client) is not None:
        require_world(client, whole=False)


def record(client: Client, state: WorldState) -> None:
    """Write the next revision."""
    client.command(
        "insert into world.parameters select count(), {state:String}, {seed:UInt64}, {creators:UInt64},"
        " {start:DateTime('UTC')}, {end:DateTime('UTC')}, {until:DateTime('UTC')} from world.parameters",
        parameters={
            "state": state.state,
            "seed": state.seed,
            "creators": state.creators,
            "start": state.start,
            "end": state.end,
            "until": state.until,
        },
    )


def _exists(client: Client, name: str) -> bool:
    found = client.query(
        "select 1 from system.tables where database = 'world' and name = {name:String}", parameters={"name": name}
    )
    return bool(found.result_rows)


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def creator_days(settings: Settings) -> int:
    """Size of the source world: creators x days of daily snapshots.

    Raises:
        StirError: there is no world.
    """
    with connections.clickhouse(settings) as client:
        state = read_state(client)
    if state is None:
        raise StirError("there is no source world: budgets are scaled by its size", do="run `./stir demo`")
    return state.creators * max(1, round((state.until - state.start).total_seconds() / 86400))
