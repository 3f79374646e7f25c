"""Why a creator's ranks moved: four parts that add up to the movement of each rank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from stir.app.api import schemas
from stir.app.api.accounts import BOARD, CREATOR, MOVEMENT, WHO, WHY, account, profile, unknown
from stir.app.api.answers import Services, envelope, serve, services
from stir.app.api.parameters import BOARDS_OF, COMPLETE_TO, METRICS_OF, Id, Platform, WhyQuery
from stir.app.api.problems import Problem, unknown_value
from stir.app.reading.generations import Generations
from stir.app.reading.statement import Answer

PARTS = ("rivals_gone", "rivals_new", "own_movement", "others_movement")
WITHIN = {"cat": "category", "lang": "language", "profile": "profile_type"}
EXPLAINED, NEW, LEFT, BEYOND = "explained", "new", "left", "beyond_the_cut"
LATER, REPLACED = "not_explained_yet", "being_replaced"
FINAL = "FINAL"
BEING_REPLACED = f"replacing: {BOARD} and {MOVEMENT} are of different moments, so no movement is explained for now"
"""What an answer notes between the publishes of the two tables."""
router = APIRouter(tags=["creators"])


def _places(number: int) -> str:
    return f"{abs(number):,} {'place' if abs(number) == 1 else 'places'}"


def in_words(ranking: Mapping[str, Any]) -> str:
    """A movement in sentences."""
    rank, before = ranking["rank"], ranking["previous_rank"]
    if ranking["status"] == NEW:
        return f"New here at place {rank:,}: there was no rank in this ranking the month before."
    if ranking["status"] == LEFT:
        return f"No rank in this ranking any more; it was place {before:,} the month before."
    moved = ranking["movement"]
    way = f"climbed {_places(moved)}" if moved > 0 else f"fell {_places(moved)}" if moved < 0 else "stayed"
    first = f"From place {before:,} to place {rank:,}: {way}."
    if ranking["status"] == BEYOND:
        return f"{first} Only the first {COMPLETE_TO:,} places are explained."
    if ranking["status"] == LATER:
        return f"{first} The explanation of this movement is not published yet."
    if ranking["status"] == REPLACED:
        return f"{first} The explanation is of another state of the board and is being replaced; ask again in a minute."
    gone, new, own, others = (ranking[part] for part in PARTS)
    said = []
    if gone:
        said.append(f"{_places(gone)} won from rivals who left the ranking")
    if new:
        said.append(f"{_places(new)} lost to rivals who are new in it")
    if own:
        said.append(f"{_places(own)} {'won' if own > 0 else 'lost'} by the creator's own numbers")
    if others:
        said.append(f"{_places(others)} {'won' if others > 0 else 'lost'} because the others moved")
    if not said:
        return f"{first} Nobody passed anybody here."
    return f"{first} {'; '.join(said)}."


def ranking_of(key: str, month: Mapping[str, Any], movement: Mapping[str, Any] | None) -> dict[str, Any]:
    """One ranking of a month: the places, how far the creator moved, and why.

    The parts are given only if they are of the state of the board that the ranks are of, and add up to the movement:
    the two tables are published one after the other.
    """
    rank, before = month["ranks"].get(key), month["previous_ranks"].get(key)
    moved = None if rank is None or before is None else before - rank
    parts = {part: (movement or {}).get(part, {}).get(key) for part in PARTS}
    if before is None:
        status = NEW
    elif rank is None:
        status = LEFT
    elif rank > COMPLETE_TO:
        status = BEYOND
    elif is_of_another_state(month, movement):
        status = REPLACED
    elif None in parts.values() or sum(parts.values()) != moved:
        status = LATER
    else:
        status = EXPLAINED
    within = [WITHIN[word] for word in key.partition("_rank_by_")[2].split("_") if word]
    found = {
        "ranking": key,
        "within": {name: month[name] or ("CREATOR" if name == "profile_type" else None) for name in within},
        "rank": rank,
        "previous_rank": before,
        "movement": moved,
        "status": status,
        **(parts if status == EXPLAINED else dict.fromkeys(PARTS)),
    }
    return {**found, "words": in_words(found)}


def is_of_another_state(month: Mapping[str, Any], movement: Mapping[str, Any] | None) -> bool:
    """Whether a month's explanation was computed from other data than the month's ranks.

    Between two publishes one of the tables is a day newer, and numbers of the two may add up by chance. A month that is
    FINAL in both changes no more, whenever each was computed.
    """
    if movement is None or month["computed_as_of"] == movement["computed_as_of"]:
        return False
    return not month["month_state"] == movement["month_state"] == FINAL


def explain(month: Mapping[str, Any], movements: Sequence[Mapping[str, Any]], metric: str) -> dict[str, Any]:
    """Every ranking by the metric in one month of a board, the ranking of all first."""
    own = (month["platform"], month["month"])
    movement = next((row for row in movements if (row["platform"], row["month"]) == own), None)
    replaced = movement is not None and is_of_another_state(month, movement)
    keys = {key for side in ("ranks", "previous_ranks") for key in month[side] if _is_by(key, metric)}
    return {
        "month": month["month"],
        "month_state": month["month_state"],
        "platform": month["platform"],
        "metric": metric,
        "is_being_replaced": replaced,
        "crosses_definition_change": month["crosses_definition_change"],
        "rankings": [ranking_of(key, month, movement) for key in sorted(keys, key=lambda key: (key.count("_"), key))],
    }


def _is_by(key: str, metric: str) -> bool:
    return key == f"{metric}_rank" or key.startswith(f"{metric}_rank_by_")


async def read_why(
    using: Services, platform: str, platform_id: str, query: WhyQuery
) -> tuple[Answer, dict[str, Any], dict[str, Any]]:
    """Who the creator is, and why its ranks moved, in one statement.

    Raises:
        Problem: 404, no table knows the account or it has no rank in the month; 400, the board is not of the platform.
    """
    board = query.board or platform
    if board not in BOARDS_OF[platform][1]:
        raise unknown_value("board", board, BOARDS_OF[platform][1])
    if query.metric not in METRICS_OF[board]:
        raise unknown_value("metric", query.metric, METRICS_OF[board])
    parameters = account(platform, platform_id, boards=[board], month=query.month)
    answer = await using.reader.answer([*WHO, WHY], parameters)
    months = answer.rows("months")
    if not months and not answer.rows("who"):
        raise unknown(platform, platform_id)
    wanted = f"{query.month}" if query.month else months[0]["month"] if months else ""
    month = next((row for row in months if row["month"] == wanted), None)
    if month is None:
        first, last = (months[-1]["month"][:7], months[0]["month"][:7]) if months else ("", "")
        known = f"its months are {first} to {last}" if months else "it was in no month"
        detail = f"this account is not on the board {board}" + (f" in {wanted[:7]}" if wanted else "")
        raise Problem(404, f"{detail}; {known}", kind="no-such-month")
    who = profile(answer.rows("who"), months, platform, platform_id)
    return answer, who, explain(month, answer.rows("movement"), query.metric)


@router.get("/creators/{platform}/{platform_id}/why", response_model=schemas.Why, responses=schemas.PROBLEMS)
async def why(request: Request, platform: Platform, platform_id: Id, query: Annotated[WhyQuery, Query()]) -> Response:
    """Why a creator's ranks by a metric moved since the month before: four numbers that add up to each movement."""
    using = services(request)

    async def make() -> tuple[Generations, bytes]:
        answer, _, found = await read_why(using, platform, platform_id, query)
        notes = [BEING_REPLACED] if found["is_being_replaced"] else []
        return answer.generations, envelope(found, answer.generations, notes=notes)

    parameters = {"platform": platform, "id": platform_id, **query.model_dump()}
    return await serve(request, tables=[CREATOR, BOARD, MOVEMENT], parameters=parameters, make=make)
