"""Routes of the boards: pages of a ranking, and who moved most."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from stir.app.api import paging, schemas
from stir.app.api.answers import Services, envelope, serve, services
from stir.app.api.exports import JSON, MEDIA_TYPES, Form, encode, wanted
from stir.app.api.parameters import COMPLETE_TO, METRICS_OF, Board, BoardQuery, ExportQuery, Filters, MoversQuery
from stir.app.api.problems import Problem, unknown_value
from stir.app.api.rows import BoardRow
from stir.app.reading.generations import Generations
from stir.app.reading.reader import Gone
from stir.app.reading.statement import Answer, Part

P = TypeVar("P")
TABLE = "leaderboard"
CHOICES = (Part("months", "months", TABLE), Part("values", "values", TABLE))
"""The parts of an answer that say what the filters of a board can be."""
router = APIRouter(prefix="/leaderboards", tags=["boards"])


async def choices(using: Services, board: str) -> tuple[dict[str, list[str]], int]:
    """What the filters of a board can be: its months, newest first, and the values of its latest month; and of which
    generation. It takes a look at every row of a month, so it is read once for all who ask."""
    before = using.choices.get(board)
    async with using.choosing[board]:
        known = using.choices.get(board)
        if known and known is not before:
            return known[1], known[0]
        answer = await using.reader.answer(CHOICES, {"platform": board})
        generation = answer.generations.by_table[TABLE].number
        using.choices[board] = generation, choices_of(answer, board)
    return using.choices[board][1], generation


def choices_of(answer: Answer, board: str) -> dict[str, list[str]]:
    """The same of an answer that has the parts CHOICES."""
    values = answer.rows("values")
    columns = ("category", "language", "country")
    known = {column: sorted({row[column] for row in values if row[column] is not None}) for column in columns}
    months = [row["month"][:7] for row in answer.rows("months")]
    return {"month": months, **known, "metric": [*METRICS_OF[board]]}


async def read_with_choices(
    using: Services, board: str, read: Callable[[Sequence[Part]], Awaitable[tuple[Answer, P]]]
) -> tuple[Answer, P, dict[str, list[str]]]:
    """What `read` gives, and what the filters of the board can be in the same generation.

    `read` gets the parts to read beside its own: none, but those of the choices where they are not known of its
    generation, as when a swap came between the two.
    """
    answer, more = await read(())
    found = await choices_in(using, board, answer.generations)
    if found is None:
        answer, more = await read(CHOICES)
        found = choices_of(answer, board)
    return answer, more, found


async def choices_in(using: Services, board: str, generations: Generations) -> dict[str, list[str]] | None:
    """What the filters of the board can be in these generations; None where only another one is available."""
    number = generations.by_table[TABLE].number
    known = using.choices.get(board)
    if known and known[0] == number:
        return known[1]
    found, generation = await choices(using, board)
    return found if generation == number else None


async def explain_nothing(using: Services, board: str, query: Filters, generations: Generations) -> None:
    """Say why a listing is empty, where a filter has a value that the board does not know.

    Raises:
        Problem: 404, the board has no such month or none at all; 400, no creator of it has the value.
    """
    known = await choices_in(using, board, generations) or (await choices(using, board))[0]
    if not known["month"]:
        raise Problem(503, f"the board {board} has no rows yet", kind="not-published", headers={"Retry-After": "60"})
    month = query.month.strftime("%Y-%m") if query.month else known["month"][0]
    if month not in known["month"]:
        months = f"{known['month'][-1]} to {known['month'][0]}"
        raise Problem(404, f"{board} has no board of {month}; its months are {months}", kind="no-such-month")
    if month != known["month"][0]:
        return  # an earlier month may have had other values
    for name in ("category", "language", "country"):
        value = getattr(query, name)
        if value is not None and value not in known[name]:
            raise unknown_value(name, value, known[name])


async def read_page(using: Services, board: str, query: BoardQuery, *more: Part) -> tuple[Answer, dict[str, Any]]:
    """The rows of a page (part `rows`) and with them other parts; the second value is what `page` says.

    Raises:
        Problem: 400 or 404 for what is not there, 410 for a cursor whose rows are gone.
    """
    dimension = query.dimension(board)
    filters = {"board": board, **query.model_dump(exclude={"cursor", "limit"})}
    after, month, stored_as = 0, query.month.isoformat() if query.month else None, None
    if query.cursor:
        cursor = paging.decode(query.cursor, filters)
        after, month = cursor.after, cursor.month
        try:
            stored_as = await using.reader.stored_as(TABLE, cursor.generation)
        except Gone:
            raise gone(board, query) from None
    parameters = {
        **query.values(),
        "platform": board,
        "dimension": dimension,
        "is_of_all": dimension == f"{query.metric}_rank",
        "complete_to": COMPLETE_TO,
        "month": month,
        "after": after,
        "q": query.q.lower() if query.q else None,
        "limit": query.limit + 1,
    }
    rows = Part("rows", "board", TABLE, {"rank": f"{query.metric}_rank"})
    parts = [replace(part, stored_as=stored_as) if part.table == TABLE else part for part in (rows, *more)]
    try:
        answer = await using.reader.answer(parts, parameters)
    except Gone:
        raise gone(board, query) from None
    found = answer.records("rows")
    if not found and not query.cursor and not query.q:
        await explain_nothing(using, board, query, answer.generations)
    following = None
    if len(found) > query.limit:
        last = found[query.limit - 1]
        generation = answer.generations.by_table[TABLE].number
        following = paging.encode(paging.Cursor(generation, last.place, last.month), filters)
    return answer, {"next": following, "limit": query.limit, "complete_to": COMPLETE_TO, "ranked_by": dimension}


def gone(board: str, query: BoardQuery) -> Problem:
    """The 410 for a cursor whose rows are dropped; it links the first page under the same filters."""
    first = urlencode({name: value for name, value in query.given().items() if name != "cursor"})
    return Problem(
        410,
        "the generation that this listing is of is not kept any more; begin again with the link in `restart`",
        kind="generation-gone",
        restart=f"/api/v1/leaderboards/{board}" + (f"?{first}" if first else ""),
    )


async def read_movers(using: Services, board: str, query: MoversQuery, *more: Part) -> Answer:
    """Those who moved most (part `rows`, with `movement`), and other parts in the same statement.

    Raises:
        Problem: 400 or 404 for what is not there.
    """
    dimension = query.dimension(board)
    parameters = {
        **query.values(),
        "platform": board,
        "dimension": dimension,
        "is_of_all": dimension == f"{query.metric}_rank",
        "complete_to": COMPLETE_TO,
        "direction": 1 if query.direction == "up" else -1,
        "limit": query.limit,
    }
    answer = await using.reader.answer(
        [Part("rows", "movers", TABLE, {"rank": f"{query.metric}_rank"}), *more], parameters
    )
    if not answer.records("rows"):
        await explain_nothing(using, board, query, answer.generations)
    return answer


def places_won(before: int | None, rank: int | None) -> int | None:
    """Places climbed since the month before, negative for a fall; None without a rank then or now."""
    return None if before is None or rank is None else before - rank


@router.get("/{board}.{form}", response_class=Response, responses={**schemas.PROBLEMS, **schemas.FILES})
async def board_file(request: Request, board: Board, form: Form, query: Annotated[ExportQuery, Query()]) -> Response:
    """A whole board as CSV or Parquet, within the chosen attributes, as far as the ranking is whole."""
    return await _file(request, board, query, MEDIA_TYPES[form])


async def _file(request: Request, board: str, query: ExportQuery, media_type: str) -> Response:
    using = services(request)
    whole = BoardQuery.model_construct(
        **query.model_dump(include=set(ExportQuery.model_fields)), limit=COMPLETE_TO, cursor=None
    )

    async def make() -> tuple[Generations, bytes]:
        answer, _ = await read_page(using, board, whole)
        rows = answer.rows("rows")
        return answer.generations, encode(media_type, rows, BoardRow, answer.generations.key)

    parameters = {"board": board, **query.model_dump()}
    return await serve(request, tables=[TABLE], parameters=parameters, make=make, media_type=media_type)


@router.get("/{board}", response_model=schemas.BoardPage, responses={**schemas.PROBLEMS, **schemas.FILES_TOO})
async def board(request: Request, board: Board, query: Annotated[BoardQuery, Query()]) -> Response:
    """One page of a board: creators by a metric, within the chosen attributes.

    The list is whole as far as place 1,000 of the ranking that the filters name (`page.complete_to`). Go on with
    `page.next` as `cursor`: later pages are of the same generation as the first, also after a newer one was published,
    for as long as it is kept. A client that accepts CSV or Parquet instead of JSON gets the whole list.
    """
    using = services(request)
    chosen = wanted(request, [JSON, *MEDIA_TYPES.values()])
    if chosen != JSON:
        return await _file(request, board, query, chosen)

    async def make() -> tuple[Generations, bytes]:
        answer, page = await read_page(using, board, query)
        rows = answer.records("rows")[: query.limit]
        return answer.generations, envelope(rows, answer.generations, page=page)

    return await serve(request, tables=[TABLE], parameters={"board": board, **query.model_dump()}, make=make)


@router.get("/{board}/movers", response_model=schemas.Movers, responses=schemas.PROBLEMS)
async def movers(request: Request, board: Board, query: Annotated[MoversQuery, Query()]) -> Response:
    """Those who climbed or fell most since the month before, of the first 1,000 places of the ranking."""
    using = services(request)

    async def make() -> tuple[Generations, bytes]:
        answer = await read_movers(using, board, query)
        return answer.generations, envelope(answer.records("rows"), answer.generations)

    return await serve(request, tables=[TABLE], parameters={"board": board, **query.model_dump()}, make=make)


@router.get("/{board}/values", response_model=schemas.BoardValues, responses=schemas.PROBLEMS)
async def values(request: Request, board: Board) -> Response:
    """What the filters of a board can be: its months, and the categories, languages and countries of the latest."""
    using = services(request)

    async def make() -> tuple[Generations, bytes]:
        answer = await using.reader.answer(CHOICES, {"platform": board})
        return answer.generations, envelope(choices_of(answer, board), answer.generations)

    return await serve(request, tables=[TABLE], parameters={"board": board}, make=make)
