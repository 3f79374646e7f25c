"""The metric dictionary: the meaning of each number in a mart, from the metadata of the models.

A model says under `config.meta`:

- `metrics`: column name, or pattern such as `*_rank` (`*` is every number), to a definition (`formula`, `unit`,
  `window`, and where they apply `eligibility`, `ties`, `minimum_sample`, `version`); the first that fits;
- `metric_defaults`: values for all of the model's definitions that do not set their own;
- `metric_basis`: what is not measured: `estimated` or `measured or estimated` (each row says which) to columns or
  patterns; every other metric is `measured`, that is counted by the platform or computed from such counts;
- `metrics_of`: models whose columns of the same name are the same metrics;
- `other_numbers`: columns or patterns that are numbers but measure nothing, such as ids and versions;
- `attributes`: column to the rule that chooses its value, for what is no number and yet computed, such as the category
  of an account.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase

from stir.errors import StirError
from stir.settings import PROJECT_DIR
from stir.transform.manifest import DbtManifest, Model

DICTIONARY = PROJECT_DIR / "docs" / "metrics.md"
NUMBER = re.compile(r"U?Int\d+|Float\d+|Decimal")

MEASURED, ESTIMATED, EITHER = "measured", "estimated", "measured or estimated"
"""What a metric rests on. EITHER: a column beside it says of each row which it is (`reach_is_estimated`, a source)."""

OPENING = """\
# Metrics

What every number in the marts means, and where an attribute of several sources comes from, exact enough to compute it
again from the source tables without reading our SQL;
tests/integration/recompute does so with another engine. Written by `./stir metrics --write` from `config.meta` of the
models (plugins/stir/transform/metrics.py says how); do not edit it by hand.

Unless a metric says otherwise: NULL is unknown, never 0; a ratio with a zero or unknown denominator is NULL; sums and
averages are over the known values and NULL where there are none; a metric is measured, that is counted by the platform
or computed from such counts, unless it is named as estimated; days, Sunday weeks and months are UTC; d is the day of
`as_of` and [d-30, d) the thirty whole days before it; a quantity read from the feed is the last one delivered. Of two
deliveries of an event in one second that one counts whose `metrics` has the greater CRC-32, of two copies of a row with
one `updated_at` that with the greater id; what is left to decide a hash decides, the same in every mart: see
docs/decisions/0033-one-order-of-deliveries.md. A delivery that says another time, profile, post or platform than the
first of its event does not count (`conflicting_key` in docs/rejects.md).

A post whose likes and comments exceed its plays (YouTube: views), where those are above 0, has a wrong counter: its
counters add to sums, but it is in no ratio of a board, a series, a genre or trending content, and in no ratio by views
of a channel. An account's averages by followers have it, unless they are trimmed and it is among the trimmed posts.
"""


@dataclass(frozen=True)
class Definition:
    """How one metric is computed, as texts. `version` increases when the meaning changes."""

    formula: str
    unit: str
    window: str
    eligibility: str = "all rows"
    ties: str = "none"
    minimum_sample: str = "none"
    version: int = 1


@dataclass(frozen=True)
class Metric:
    """A definition with the columns of one model that it is about; `basis` has those that are not measured."""

    model: str
    pattern: str
    columns: tuple[str, ...]
    definition: Definition
    basis: Mapping[str, str] = field(default_factory=dict)


def numbers(model: Model) -> list[str]:
    """The model's columns that hold numbers, in its order."""
    return [name for name, data_type in model.columns.items() if NUMBER.search(data_type)]


def _fault(model: Model, what: str) -> StirError:
    return StirError(what, where=f"{model.node['original_file_path']}, config.meta", do="see stir/transform/metrics.py")


def _definition(model: Model, pattern: str, entry: Mapping[str, object]) -> Definition:
    known = {field.name for field in fields(Definition)}
    merged = {**model.meta.get("metric_defaults", {}), **entry}
    if unknown := sorted(merged.keys() - known):
        raise _fault(model, f"metric {pattern} has {', '.join(unknown)}, which a definition does not")
    if missing := sorted({"formula", "unit", "window"} - merged.keys()):
        raise _fault(model, f"metric {pattern} lacks {', '.join(missing)}")
    return Definition(**merged)


def own_metrics(model: Model) -> list[Metric]:
    """The metrics that a model defines itself.

    Raises:
        StirError: a definition is incomplete, or is about no column.
    """
    entries = model.meta.get("metrics", {})
    measured = numbers(model)
    found: dict[str, list[str]] = {pattern: [] for pattern in entries}
    for column in model.columns:
        pattern = next(
            (name for name in entries if fnmatchcase(column, name) and (name != "*" or column in measured)), None
        )
        if pattern is not None:
            found[pattern].append(column)
    if empty := [pattern for pattern, columns in found.items() if not columns]:
        raise _fault(model, f"metric {empty[0]} is about no column of {model.name}")
    basis = _own_basis(model)
    return [
        Metric(
            model.name,
            pattern,
            tuple(columns),
            _definition(model, pattern, entries[pattern]),
            {column: basis[column] for column in columns if column in basis},
        )
        for pattern, columns in found.items()
    ]


def own_attributes(model: Model) -> dict[str, str]:
    """The attributes whose rule a model states itself, to that rule.

    Raises:
        StirError: a rule is about no column.
    """
    rules: dict[str, str] = model.meta.get("attributes", {})
    if missing := sorted(rules.keys() - model.columns.keys()):
        raise _fault(model, f"attribute {missing[0]} is no column of {model.name}")
    return rules


def _own_basis(model: Model) -> dict[str, str]:
    """The columns of a model that are not measured, to what they rest on."""
    found: dict[str, str] = {}
    for basis, patterns in model.meta.get("metric_basis", {}).items():
        if basis not in (ESTIMATED, EITHER):
            raise _fault(model, f"metric_basis is {basis}, which is neither {ESTIMATED} nor {EITHER}")
        for pattern in patterns:
            columns = [column for column in model.columns if fnmatchcase(column, pattern)]
            if not columns:
                raise _fault(model, f"metric_basis {pattern} is about no column of {model.name}")
            found |= dict.fromkeys(columns, basis)
    return found


def basis_of(manifest: DbtManifest, model: Model, column: str) -> str:
    """What a metric of a model rests on: as the model itself says, else as the model does that defines it."""
    own = _own_basis(model)
    if column in own:
        return own[column]
    origin = defined_at(manifest, model).get(column, model.name)
    return _own_basis(manifest.models[origin]).get(column, MEASURED)


def defined_at(manifest: DbtManifest, model: Model, *, attributes: bool = False) -> dict[str, str]:
    """Each metric column of a model, or each attribute, to the model that defines it."""
    own = own_attributes(model) if attributes else [name for metric in own_metrics(model) for name in metric.columns]
    found = dict.fromkeys(own, model.name)
    for name in model.meta.get("metrics_of", []):
        if name not in manifest.models:
            raise _fault(model, f"metrics_of names {name}, which is not a model")
        origins = defined_at(manifest, manifest.models[name], attributes=attributes)
        found = {column: origin for column, origin in origins.items() if column in model.columns} | found
    return found


def undefined(manifest: DbtManifest, model: Model) -> list[str]:
    """The numbers of a model that neither a definition nor `other_numbers` covers."""
    known = defined_at(manifest, model)
    other = model.meta.get("other_numbers", [])
    return [
        column
        for column in numbers(model)
        if column not in known and not any(fnmatchcase(column, pattern) for pattern in other)
    ]


def _sections(manifest: DbtManifest) -> Iterator[str]:
    readers: dict[str, dict[str, list[str]]] = {}
    for model in manifest.models.values():
        for column, origin in (defined_at(manifest, model) | defined_at(manifest, model, attributes=True)).items():
            if origin != model.name:
                readers.setdefault(origin, {}).setdefault(model.name, []).append(column)
    family = ""
    for model in manifest.models.values():
        metrics, attributes = own_metrics(model), own_attributes(model)
        if not metrics and not attributes:
            continue
        if model.family != family:
            family = model.family
            yield f"\n## {family.replace('_', ' ')}\n"
        yield f"\n### {model.name}\n\n{' '.join(model.node['description'].split())}\n"
        for reader, columns in readers.get(model.name, {}).items():
            yield f"\nThe same in `{reader}`: {_listed(columns)}.\n"
        yield from _table(metrics) if metrics else ()
        yield from _attributes(attributes) if attributes else ()


def _table(metrics: list[Metric]) -> Iterator[str]:
    """The definitions of one model. Values that all of them share are written once, before the table."""
    values = {
        field.name: [" ".join(str(getattr(metric.definition, field.name)).split()) for metric in metrics]
        for field in fields(Definition)
    }
    for basis in (ESTIMATED, EITHER):
        named = [column for metric in metrics for column in metric.columns if metric.basis.get(column) == basis]
        if named:
            yield f"\n{basis.capitalize()}: {_listed(named)}.\n"
    common = {name: texts[0] for name, texts in values.items() if len(metrics) > 1 and len(set(texts)) == 1}
    if common:
        yield "\nAll of them: " + "; ".join(f"{_words(name)} {text}" for name, text in common.items()) + ".\n"
    rest = {name: texts for name, texts in values.items() if name not in common}
    yield f"\n| metric | {' | '.join(map(_words, rest))} |\n|{'---|' * (len(rest) + 1)}\n"
    for metric, *cells in zip(metrics, *rest.values(), strict=True):
        yield f"| {_listed(metric.columns)} | {' | '.join(map(_cell, cells))} |\n"


def _attributes(rules: Mapping[str, str]) -> Iterator[str]:
    yield "\n| attribute | rule |\n|---|---|\n"
    for column, rule in rules.items():
        yield f"| `{column}` | {_cell(' '.join(rule.split()))} |\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _words(name: str) -> str:
    return name.replace("_", " ")


def _listed(columns: tuple[str, ...] | list[str]) -> str:
    return ", ".join(f"`{column}`" for column in columns)


def render(manifest: DbtManifest) -> str:
    """The whole dictionary as Markdown."""
    return OPENING + "".join(_sections(manifest))
