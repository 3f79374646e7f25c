"""The files that are written from the contracts: dbt's sources, docs/sources.md, and the list of released versions."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

from stir.settings import PROJECT_DIR
from stir.sources.compatibility import facts
from stir.sources.contract import FOLDER, Contract, Field, contracts, versions
from stir.sources.reasons import INGEST, STAGING

PAGE = PROJECT_DIR / "docs/sources.md"
RELEASED = FOLDER / "released.json"
"""The versions that are in use, each with a hash of what it says: a released version does not change."""
_BEGIN = "<!-- `./stir contracts --write` writes what follows. -->\n"
_SOURCE, _TABLE, _KEY = (re.compile(rf" {{{n}}}(- name: )?(\w+):?.*") for n in (2, 6, 8))
_WIDTH = 118


def rendered() -> dict[Path, str]:
    """Every generated file with its content."""
    pages = {path: with_tables(path.read_text(encoding="utf-8")) for path in dbt_sources()}
    pages[PAGE] = with_contracts(PAGE.read_text(encoding="utf-8"))
    return pages


def dbt_sources() -> list[Path]:
    """The files in which dbt's sources stand."""
    return sorted((PROJECT_DIR / "models").rglob("_*__sources.yml"))


def with_tables(text: str) -> str:
    """A file of dbt's sources with the tables' descriptions and columns as the contracts have them.

    What else stands there, such as the age at which a feed is late, stays.
    """
    known = {contract.name: contract for contract in contracts()}
    found: list[str] = []
    database, lines = "", text.splitlines()
    while lines:
        line = lines.pop(0)
        found.append(line)
        if (source := _SOURCE.fullmatch(line)) and source[1]:
            database = source[2]
        table = _TABLE.fullmatch(line)
        contract = known.get(f"{database}.{table[2]}") if table and table[1] else None
        if contract:
            block: list[str] = []
            while lines and (not lines[0].strip() or lines[0].startswith(" " * 8)):
                block.append(lines.pop(0))
            found += [*_scalar("        description: ", contract.description), *_own_keys(block), *_columns(contract)]
            found += [""] if lines else []
    return "\n".join(found) + "\n"


def _own_keys(block: list[str]) -> list[str]:
    """The lines of a table's block that the contract does not say."""
    kept: list[str] = []
    key = ""
    for line in block:
        if found := _KEY.fullmatch(line):
            key = found[2]
        if key not in ("description", "columns") and line.strip():
            kept.append(line)
    return kept


def _columns(contract: Contract) -> Iterator[str]:
    yield "        columns:"
    for field in contract.fields:
        yield f"          - name: {field.name}"
        yield from _scalar("            description: ", field.description)


def _scalar(key: str, text: str) -> Iterator[str]:
    """A YAML text after its key: plain where that is possible."""
    if len(key) + len(text) + 2 > _WIDTH:
        yield f"{key}>-"
        indent = " " * (len(key) - len(key.lstrip()) + 2)
        yield from (f"{indent}{line}" for line in textwrap.wrap(text, _WIDTH - len(indent)))
    elif re.search(r": |#|^[\"'\[{>|*&!%@`-]|[:,]$|\{", text) or not text:
        yield key + "'" + text.replace("'", "''") + "'"
    else:
        yield key + text


def with_contracts(page: str) -> str:
    """The page of the source tables with what the contracts say."""
    head, begin, _ = page.partition(_BEGIN)
    return head + begin + "\n" + "\n".join(_page())


def _page() -> Iterator[str]:
    yield "## Reasons\n"
    yield "| reason | meaning |"
    yield "|---|---|"
    for word, meaning in {**INGEST, **STAGING}.items():
        yield f"| `{word}` | {meaning} |"
    yield ""
    for contract in contracts():
        yield from _section(contract)


def _section(contract: Contract) -> Iterator[str]:
    known = [each.version for each in versions(contract.name)]
    yield f"## {contract.name}\n"
    yield f"{contract.description}\n"
    facts_ = [f"version {contract.version}", f"kind {contract.kind}", f"owner {contract.owner}"]
    if contract.ingested:
        facts_.append(f"ingested at `{contract.ingested}`")
    if contract.streams:
        facts_.append("streams " + ", ".join(f"`{stream}`" for stream in contract.streams))
    if len(known) > 1:
        facts_.append("also alive: " + ", ".join(known[:-1]))
    yield f"{'; '.join(facts_)}.\n"
    yield "| field | type | rule | otherwise | meaning |"
    yield "|---|---|---|---|---|"
    for field in contract.fields:
        otherwise = field.on_violation if rules(field) or field.on_violation != "refuse" else ""
        cells = (f"`{field.name}`", f"`{field.type}`", "; ".join(rules(field)), otherwise, field.description)
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
    yield ""


def rules(field: Field) -> list[str]:
    """What a contract demands of a field, in words."""
    found = ["required"] if field.required else []
    if field.default:
        found.append("the arrival, if it is missing")
    if field.words:
        found.append("one of " + ", ".join(field.words))
    if field.minimum is not None and field.maximum is not None:
        found.append(f"from {_said(field.minimum)} to {_said(field.maximum)}")
    elif field.minimum is not None or field.maximum is not None:
        found.append(f"from {_said(field.minimum)}" if field.maximum is None else f"to {_said(field.maximum)}")
    if field.max_bytes:
        found.append(f"at most {field.max_bytes} bytes")
    if field.pattern:
        found.append(f"matches `{field.pattern}`")
    if field.not_after:
        found.append(f"not after `{field.not_after}`")
    if field.logical == "json":
        found.append("JSON")
    if field.counters:
        but = f", but for sources {field.counters_unless}*" if field.counters_unless else ""
        found.append("with a count of " + " or ".join(f"`{name}`" for name in field.counters) + but)
    if field.personal:
        found.append("personal")
    return found


def _said(bound: float | date | datetime | None) -> str:
    if isinstance(bound, datetime):
        return f"{bound:%Y-%m-%d}"
    return f"{bound:,}" if isinstance(bound, int) else str(bound)


def fingerprint(contract: Contract) -> str:
    """A hash of all that a version says but its descriptions."""
    return sha256(repr(facts(contract)).encode()).hexdigest()[:16]


def released() -> dict[str, dict[str, str]]:
    """Contract to version to the hash of what it said when it was released."""
    if not RELEASED.exists():
        return {}
    found: dict[str, dict[str, str]] = json.loads(RELEASED.read_text(encoding="utf-8"))
    return found


def present() -> dict[str, dict[str, str]]:
    """The same of the files as they are."""
    return {
        contract.name: {each.version: fingerprint(each) for each in versions(contract.name)} for contract in contracts()
    }


def changed_releases() -> list[str]:
    """Released versions that are gone or say something else than they did."""
    now, found = present(), []
    for name, known in released().items():
        for version, said in known.items():
            place = f"{name} {version}"
            if version not in now.get(name, {}):
                found.append(f"{place} was released and is gone")
            elif now[name][version] != said:
                found.append(f"{place} was released and has changed; keep the file and write a new version beside it")
    return found
