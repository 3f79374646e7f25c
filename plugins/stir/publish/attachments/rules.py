"""Rules for objects that are tied to a published table: each kind is carried over, or refused by name.

RULES is the only list of it: the table in docs/publishing.md is checked against it, and a test makes one of each.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, LiteralString

from psycopg import sql

from stir.publish import ddl
from stir.publish.attachments.catalogue import Attachment, Attachments
from stir.publish.spec import PublishSpec

Fate = Literal["carried", "refused"]
Exchanged = Literal["stays", "refused"]


@dataclass(frozen=True)
class Rule:
    """What happens to attachments that match `pattern`, written as `kind|of|name|value`; the first rule counts.

    `exchanged` says what happens when months of the table are exchanged: what sees rows come and go is refused, because
    an exchange changes no row, and so is what PostgreSQL would build or check while readers wait.
    """

    what: str
    fate: Fate
    pattern: str
    exchanged: Exchanged = "stays"

    def matches(self, item: Attachment, value: str) -> bool:
        """Whether the rule applies to this attachment."""
        return re.match(self.pattern, "|".join((*item, value)), re.DOTALL) is not None


RULES = (
    Rule("a privilege that another role than the owner granted", "refused", r"privilege\|.* by [^|]*$"),
    Rule("privileges on the table and on columns, with grant option, for PUBLIC", "carried", r"privilege\|"),
    Rule("comments on the table, its columns, indexes, constraints and row type", "carried", r"comment\|"),
    Rule("storage parameters, those of TOAST, `n_distinct` of a column", "carried", r"option\|"),
    Rule("row level security switched on, or forced", "carried", r"table\|\|rel(force)?rowsecurity\|"),
    Rule("replica identity DEFAULT, FULL or NOTHING", "carried", r"table\|\|relreplident\|[dfn]$"),
    Rule("a column's STORAGE, COMPRESSION, statistics target", "carried", r"column\|.*\|att(storage|compression|stat)"),
    Rule("another owner", "refused", r"table\|\|relowner\|", "refused"),
    Rule("another tablespace or access method", "refused", r"table\|\|(reltablespace|relam)\|"),
    Rule("UNLOGGED", "refused", r"table\|\|relpersistence\|"),
    Rule("a replica identity that is an index", "refused", r"(table\|\|relreplident|index\|.*\|indisreplident)\|"),
    Rule("an index to CLUSTER on", "refused", r"index\|.*\|indisclustered\|"),
    Rule("an index made or altered by hand", "refused", r"index\|", "refused"),
    Rule(
        "an identity, generated or inherited column",
        "refused",
        r"column\|.*\|att(identity|generated|inh|islocal)",
        "refused",
    ),
    Rule("a column default", "refused", r"object\|default value|column\|.*\|atthasdef\|"),
    Rule("a constraint made or altered by hand, a foreign key of the table", "refused", r"constraint\|", "refused"),
    Rule("a foreign key of another table", "refused", r"object\|constraint ", "refused"),
    Rule("a child table or a partition", "refused", r"object\|(foreign )?table ", "refused"),
    Rule("a parent table, an extension it belongs to", "refused", r"(belongs to|table\|\|relispartition)\|"),
    Rule("a view or a materialised view", "refused", r"object\|(materialized )?view "),
    Rule("a rule", "refused", r"object\|rule "),
    Rule("a trigger, whether it is enabled or not", "refused", r"object\|trigger ", "refused"),
    Rule("a policy", "refused", r"object\|policy "),
    Rule("extended statistics", "refused", r"object\|statistics object "),
    Rule("a sequence that a column owns", "refused", r"object\|sequence "),
    Rule("a function, procedure or aggregate that names the table or its row type", "refused", r"object\|function "),
    Rule("a column, a domain or a type made of its row type", "refused", r"object\|(column|type) "),
    Rule("an operator or a cast on its row type", "refused", r"object\|(operator|cast) "),
    Rule("a publication of the table", "refused", r"object\|publication ", "refused"),
    Rule("a publication of its schema or of all tables", "refused", r"publication\|", "refused"),
    Rule("a subscription that fills it", "refused", r"subscription\|", "refused"),
    Rule("a security label", "refused", r"security label\|"),
    Rule("a privilege on its row type", "refused", r"row type\|"),
    Rule("anything else", "refused", r"", "refused"),
)

OURS = ("index", "constraint")
"""Kinds that a publish creates itself and never carries over."""

_SETTINGS: Mapping[str, tuple[LiteralString, LiteralString]] = {
    "attstorage": ("set storage {}", "set storage default"),
    "attcompression": ("set compression {}", "set compression default"),
    "attstattarget": ("set statistics {}", "set statistics -1"),
}
_STORAGE = {"p": "plain", "e": "external", "m": "main", "x": "extended"}
_COMPRESSION = {"p": "pglz", "l": "lz4"}
_IDENTITY: Mapping[str, LiteralString] = {"d": "default", "f": "full", "n": "nothing"}


def rule_of(item: Attachment, value: str) -> Rule:
    """The rule that decides about an attachment."""
    return next(rule for rule in RULES if rule.matches(item, value))


def assumed(spec: PublishSpec, found: Attachments) -> Attachments:
    """What of a table that was published before records were kept is taken for a publish's own making."""
    return {item: value for item, value in found.items() if _is_assumed(spec, item)}


def _is_assumed(spec: PublishSpec, item: Attachment) -> bool:
    if item.kind == "index":
        return item.of.startswith(f"{spec.table}_") and item.name == ""
    if item.kind == "privilege":
        return item.of == "" and item.name in {f"SELECT {role}" for role in spec.readers}
    return item.kind == "comment" or (item.kind == "constraint" and item.name in ("p", "n"))


def lost(found: Attachments, record: Attachments) -> list[str]:
    """The objects of a live table that a publish would lose: neither created by a publish nor carried over."""
    return [
        named(item, value)
        for item, value in sorted(found.items())
        if rule_of(item, value).fate == "refused" and record.get(item) != value
    ]


def in_the_way(found: Attachments, record: Attachments) -> list[str]:
    """The objects of a live table with which its months cannot be exchanged; neither made by a publish nor harmless."""
    return [
        named(item, value)
        for item, value in sorted(found.items())
        if rule_of(item, value).exchanged == "refused" and record.get(item) != value
    ]


def named(item: Attachment, value: str) -> str:
    """An attachment as a readable line."""
    words = " ".join(filter(None, (item.of, item.name, value)))
    return words if item.kind == "object" else f"{item.kind} {words}".strip()


def carried(found: Attachments) -> Attachments:
    """The part that can be carried over."""
    return {item: value for item, value in found.items() if rule_of(item, value).fate == "carried"}


def wanted(before: Attachments, record: Attachments, own: Attachments, columns: Collection[str]) -> Attachments:
    """What the new table should have: what its spec gives it, but for what was changed by hand on the old one.

    Args:
        before: what the old table has.
        record: what publishes made of the old one; the difference was made by hand, additions and removals.
        own: what the new one has been given.
        columns: those of the new table; what was attached to others goes with them, as a comment goes with its index.
    """
    there = {(item.kind, item.of) for item in own if item.kind in OURS}
    before, record, own = carried(before), carried(record), carried(own)
    result = {}
    for item in {*before, *record, *own}:
        by_hand = before.get(item) != record.get(item)
        value = before.get(item) if by_hand else own.get(item)
        of_column = item.kind in ("privilege", "column", "option") or item.name == "column"
        is_gone = of_column and item.of not in ("", *columns)
        if item.kind == "comment" and item.name in OURS:
            is_gone = (item.name, item.of) not in there
        if value is not None and not is_gone:
            result[item] = value
    return result


def given(own: Attachments, readers: Collection[str], of_owner: Collection[str]) -> Attachments:
    """What a new table has by its spec: without the privileges that default privileges gave or withheld.

    Args:
        own: what the table has. of_owner: the privileges of an owner, as names of attachments.
    """
    others = {item: value for item, value in own.items() if item.kind != "privilege"}
    names = {*of_owner, *(f"SELECT {role}" for role in readers)}
    return others | {Attachment("privilege", "", name): "granted" for name in names}


def statements(table: sql.Identifier, schema: str, have: Attachments, want: Attachments) -> Iterator[sql.Composed]:
    """Statements that add missing attachments to a table and remove unwanted ones."""
    for item in sorted({*have, *want}):
        if have.get(item) != want.get(item):
            yield from _statements(table, schema, item, want.get(item))


def _statements(table: sql.Identifier, schema: str, item: Attachment, value: str | None) -> Iterator[sql.Composed]:
    alter = sql.SQL("alter table {} ").format(table)
    if item.kind == "privilege":
        yield from _privilege(table, item, value)
    elif item.kind == "comment":
        things: dict[str, sql.Composed] = {
            "table": sql.SQL("table {}").format(table),
            "type": sql.SQL("type {}").format(table),
            "array type": sql.SQL("type {}[]").format(table),
            "column": sql.SQL("column {}.{}").format(table, sql.Identifier(item.of)),
            "index": sql.SQL("index {}").format(sql.Identifier(schema, item.of)),
            "constraint": sql.SQL("constraint {} on {}").format(sql.Identifier(item.of), table),
        }
        yield sql.SQL("comment on {} is {}").format(things[item.name], sql.Literal(value))
    elif item.kind == "option":
        of = sql.SQL("alter column {} ").format(sql.Identifier(item.of)) if item.of else sql.SQL("")
        name = sql.Identifier(*item.name.split("."))
        if value is None:
            yield alter + sql.SQL("{}reset ({})").format(of, name)
        else:
            yield alter + sql.SQL("{}set ({} = {})").format(of, name, sql.Literal(value))
    elif item.kind == "column":
        yield alter + sql.SQL("alter column {} ").format(sql.Identifier(item.of)) + _setting(item.name, value)
    elif item.name == "relreplident":
        yield alter + sql.SQL("replica identity ") + sql.SQL(_IDENTITY[value or "d"])
    else:
        switch = {("relrowsecurity", True): "enable", ("relrowsecurity", False): "disable"}
        force: dict[bool, LiteralString] = {True: "force", False: "no force"}
        on = value is not None
        verb = sql.SQL(force[on]) if item.name == "relforcerowsecurity" else sql.SQL(switch[item.name, on])
        yield alter + verb + sql.SQL(" row level security")


def _privilege(table: sql.Identifier, item: Attachment, value: str | None) -> Iterator[sql.Composed]:
    privilege, _, role = item.name.partition(" ")
    what = sql.SQL(privilege)  # PostgreSQL's own keyword
    if item.of:
        what = what + sql.SQL(" ({})").format(sql.Identifier(item.of))  # type: ignore[assignment]
    who = sql.SQL("public") if role == "public" else sql.Identifier(role)
    yield sql.SQL("revoke {} on {} from {}").format(what, table, who)
    if value is not None:
        option = sql.SQL(" with grant option" if value == "with grant option" else "")
        yield sql.SQL("grant {} on {} to {}{}").format(what, table, who, option)


def _setting(name: str, value: str | None) -> sql.Composed:
    given, default = _SETTINGS[name]
    if value is None or value == "-1":
        return sql.Composed([sql.SQL(default)])
    words = {"attstorage": _STORAGE, "attcompression": _COMPRESSION}.get(name)
    return sql.SQL(given).format(sql.SQL(words[value]) if words else sql.Literal(int(value)))


def documented() -> str:
    """The table of docs/publishing.md."""
    lines = ["| on the table | modes `rename` and `schema`, and a rollback | mode `partition` |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| {rule.what} | {rule.fate} | {rule.exchanged} |" for rule in RULES)])


def first_names(names: Sequence[str], most: int = 10) -> str:
    """A list for a message."""
    return "; ".join(names[:most]) + (f"; and {len(names) - most} more" if len(names) > most else "")


def live_table(spec: PublishSpec) -> str:
    """The quoted name of the table that readers use."""
    return ddl.live(spec).as_string()
