"""The project's SQL as dbt renders it, with the cleaners left standing as marks: `«clean_count»(feed.likes)`."""

from __future__ import annotations

import datetime
import re
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
import pytz
import yaml

from stir.sources.contract import contracts

PROJECT = Path(__file__).resolve().parents[3]
CLEANERS = {
    "count": ("clean_count", "count_in", "parse_counts"),
    "measure": ("clean_measure",),
    "price": ("clean_price",),
    "time": ("clean_time", "parse_time", "is_plausible_event"),
    "duration": ("duration_seconds",),
    "key": ("clean_key", "clean_id", "link_key"),
    "text": ("clean_text", "clean_vendor_text", "clean_handle"),
    "json": ("mend_json", "parse_weights", "parse_age_groups", "list_members", "says_flag"),
}
"""The macros that clean, by the kind of value they clean."""
DECIDE = ("version_at", "changed_at", "ingested_since", "ingested_until", "file_has_come", "delivery_order")
"""Macros by which a row's time decides whether the row is read, and in whose place."""


class Occurrence(NamedTuple):
    """A column of a source where a model reads it, and the marks around it, from the outermost."""

    model: str
    source: str
    column: str
    marks: tuple[str, ...]


class _Returned(Exception):
    def __init__(self, value: Any) -> None:
        self.value = value


class _Relation:
    """A table of dbt's; as text it is a token that names it."""

    limit = None
    event_time_filter = None
    is_cte = False

    def __init__(self, token: str) -> None:
        self.token = token
        self.schema, _, self.identifier = token.strip("⟦⟧").partition(".")

    def render(self) -> str:
        return self.token

    def incorporate(self, **_: Any) -> _Relation:
        return self

    __str__ = __repr__ = render


def _mark(name: str) -> Callable[..., str]:
    def marked(*arguments: Any, **_: Any) -> str:
        texts = [", ".join(map(str, value)) if isinstance(value, list) else str(value) for value in arguments]
        return f"«{name}»({', '.join(texts)})"

    return marked


def _returning(macro: Callable[..., str]) -> Callable[..., Any]:
    def call(*arguments: Any, **named: Any) -> Any:
        try:
            return macro(*arguments, **named)
        except _Returned as end:
            return end.value

    return call


def _return(value: Any) -> None:
    raise _Returned(value)


def rendered_project(*, marked: bool = True) -> dict[str, Any]:
    """The context of dbt's templates, with every macro of the project in it; the cleaners stay as marks if asked."""
    variables = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["vars"]
    environment = jinja2.Environment(extensions=["jinja2.ext.do"], autoescape=False)  # noqa: S701 -- it is SQL
    config = types.SimpleNamespace(materialized="incremental", get=lambda *_, **__: None)
    context: dict[str, Any] = {
        **environment.globals,
        "var": lambda name, default=None: variables.get(name, default),
        "env_var": lambda _, default="": default,
        "ref": lambda name: _Relation(f"⟦ref.{name}⟧"),
        "source": lambda database, table: _Relation(f"⟦{database}.{table}⟧"),
        "config": lambda **_: "",
        "return": _return,
        "execute": True,
        "is_incremental": lambda: True,
        "flags": types.SimpleNamespace(EMPTY=False, FULL_REFRESH=False),
        "invocation_args_dict": {},
        "this": _Relation("⟦this.model⟧"),
        "model": types.SimpleNamespace(name="", config=config, columns={}, unique_id=""),
        "modules": types.SimpleNamespace(datetime=datetime, re=re, pytz=pytz),
        "run_started_at": datetime.datetime(2026, 6, 15, tzinfo=datetime.UTC),
        "target": types.SimpleNamespace(name="local", schema="stir", database="", type="clickhouse"),
        "exceptions": types.SimpleNamespace(),
        "run_query": lambda _: None,
        "in_slice": lambda *_: "true",
        "rebuilt_window": lambda _: None,
        "replicate_engine": lambda engine, *_: engine,
        "on_cluster_clause": lambda *_: "",
        "keeps_projection": lambda *_: False,
        "quote_text": lambda value: f"'{value}'",
        "local_md5": lambda _: "",
        "written_state": lambda _: "",
        "list_pruning": lambda _: [],
        "is_carried_over": lambda _: True,
        "find_first_uncounted_day": lambda _: "1970-01-01",
    }
    own = dict(context)
    for path in sorted((PROJECT / "macros").rglob("*.sql")):
        if path.parent.name in ("adapter", "build", "cluster", "freshness"):
            continue
        module = environment.from_string(path.read_text()).make_module(context, shared=True)
        context |= {name: _returning(macro) for name, macro in vars(module).items() if isinstance(macro, _MACRO)}
    marks = [*DECIDE, "order_of_event", *(name for names in CLEANERS.values() for name in names)] if marked else []
    # in place: it is this dictionary in which the macros look for one another
    context.update(own)
    context.update({name: _mark(name) for name in marks})
    return context


_MACRO = jinja2.runtime.Macro


def models() -> dict[str, Path]:
    """Every model's file by its name."""
    return {path.stem: path for path in sorted((PROJECT / "models").rglob("*.sql"))}


def render(context: dict[str, Any], name: str) -> str:
    """The SQL of a model, without comments."""
    environment = jinja2.Environment(extensions=["jinja2.ext.do"], autoescape=False)  # noqa: S701 -- it is SQL
    template = environment.from_string(models()[name].read_text())
    context["model"].name = name
    return re.sub(r"--[^\n]*", "", template.render(context))


def columns_of_sources() -> dict[str, dict[str, str]]:
    """The columns of every source table with their types, by its contract."""
    return {each.name: {field.name: field.type for field in each.fields} for each in contracts()}


def occurrences(model: str, sql: str, tables: dict[str, dict[str, str]]) -> Iterator[Occurrence]:
    """Where a model's SQL reads a column of a source, by the source's alias or, without one, in the same select."""
    for found in re.finditer(r"⟦(\w+\.\w+)⟧(?: final)?(?:\s+as (\w+))?", sql):
        source, alias = found[1], found[2]
        if source in tables:
            start, end = _select_around(sql, found.start())
            for column in tables[source]:
                yield from _columns(model, source, column, alias, sql[start:end])


def _columns(model: str, source: str, column: str, alias: str | None, select: str) -> Iterator[Occurrence]:
    # under an alias also bare, where the select reads one table alone
    name = re.escape(column)
    qualified = rf"{alias}\.`?{name}`?(?![\w(])" if alias else r"(?!)"
    bare = rf"(?<![\w.'⟦`«$])`?{name}`?(?![\w(.'»])"
    pattern = qualified if alias and re.search(rf"\b{alias}\.", select) else f"{qualified}|{bare}"
    for match in re.finditer(pattern, select):
        if not re.search(r"\bas $", select[: match.start()]):
            yield Occurrence(model, source, column, _marks(select, match.start()))


def _select_around(sql: str, place: int) -> tuple[int, int]:
    depth, start = 0, place
    while start > 0 and depth >= 0:
        start -= 1
        depth += {")": 1, "(": -1}.get(sql[start], 0)
    depth, end = 0, place
    while end < len(sql) and depth >= 0:
        depth += {"(": 1, ")": -1}.get(sql[end], 0)
        end += 1
    return start, end


def marks_in(sql: str, columns: dict[str, str]) -> Iterator[tuple[str, str]]:
    """(column, mark) of every column of `feed` in SQL, such as a condition of what is counted."""
    for column in columns:
        for match in re.finditer(rf"\bfeed\.`?{re.escape(column)}`?(?![\w(])", sql):
            yield from ((column, mark) for mark in _marks(sql, match.start()))


def is_marked(sql: str, column: str) -> bool:
    """Whether a step of the model cleans a column that an earlier one took as it came."""
    names = re.finditer(rf"(?<![\w.'⟦`])(?:\w+\.)?{re.escape(column)}(?![\w(.'»])", sql)
    return any(_marks(sql, name.start()) for name in names)


def _marks(sql: str, place: int) -> tuple[str, ...]:
    stack: list[str] = []
    for token in re.finditer(r"«(\w+)»\(|\(|\)", sql[:place]):
        if token[0] == ")":
            if stack:
                stack.pop()
        else:
            stack.append(token[1] or "")
    return tuple(name for name in stack if name)
