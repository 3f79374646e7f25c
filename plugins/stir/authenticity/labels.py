"""Followers of whom somebody says whether they are inauthentic: what a model is fitted on and measured against.

Never imported by the job: it must not see a label.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stir.authenticity.names import NameTables, learn
from stir.authenticity.normalise import clean_name, fold, fold_handle, handle_letters
from stir.authenticity.samples import Sample
from stir.authenticity.scoring import Followers
from stir.authenticity.scripts import family_of, script_of
from stir.errors import StirError

REQUIRED = ("creator_id", "handle", "name", "is_fake")
OPTIONAL = ("follower_id", "country", "truth", "kind", "share")
TRUE, FALSE = {"1", "true", "yes"}, {"0", "false", "no"}


@dataclass(frozen=True)
class Labelled:
    """Followers with labels; each column has one place per follower.

    Attributes:
        is_fake: the label.
        truth: what is known to be true; of a user's own file it is the label.
        kinds: the kind of fake, "real", or empty where unknown.
        countries: of the creator, None where unknown.
        shares: the share of inauthentic ones among all followers of the creator, not of the sample; NaN where unknown.
    """

    followers: Followers
    is_fake: NDArray[np.bool_]
    truth: NDArray[np.bool_]
    kinds: list[str]
    countries: list[str | None]
    shares: NDArray[np.float64]

    def samples(self) -> dict[str, Sample]:
        """The whole sample of each creator."""
        found: dict[str, Sample] = {}
        followers = self.followers
        columns = (followers.creator_ids, self.countries, followers.names, followers.handles)
        for creator, country, name, handle in zip(*columns, strict=True):
            found.setdefault(creator, Sample(country)).add([name], [handle])
        return found

    def names(self, version: int) -> NameTables:
        """Tables learned from names and handles alone, without a label."""
        names, handles = self.followers.names, self.followers.handles
        pairs = zip(names, self.countries, strict=True)
        beside = (
            (handle_letters(fold_handle(h)), family_of(script_of(fold(n)))) for h, n in zip(handles, names, strict=True)
        )
        return learn(((clean_name(name), country) for name, country in pairs), version, beside)


def from_rows(rows: Iterable[Mapping[str, object]], where: str) -> Labelled:
    """Labelled followers from rows with the columns of `REQUIRED`; those of `OPTIONAL` may be missing.

    Raises:
        StirError: a column is missing, a label is neither true nor false, or there is no row.
    """
    listed = list(rows)
    if not listed:
        raise StirError("there is no labelled follower", where=where)
    missing = [name for name in REQUIRED if name not in listed[0]]
    if missing:
        columns = ", ".join(REQUIRED)
        raise StirError(f"the column {missing[0]!r} is missing", where=where, do=f"the columns are: {columns}")
    labels = np.array([_flag(row["is_fake"], where, line) for line, row in enumerate(listed, 2)], dtype=np.bool_)
    truth = np.array([_flag(row.get("truth", row["is_fake"]), where, line) for line, row in enumerate(listed, 2)])
    ids = [str(row.get("follower_id") or line) for line, row in enumerate(listed)]
    return Labelled(
        Followers(
            [str(row["creator_id"]) for row in listed],
            ids,
            [str(row["handle"] or "") for row in listed],
            [str(row["name"] or "") for row in listed],
        ),
        labels,
        truth,
        [str(row.get("kind") or "") for row in listed],
        [str(row["country"]) if row.get("country") else None for row in listed],
        np.array([float(str(row.get("share") or "nan")) for row in listed]),
    )


def joined(parts: Sequence[Labelled]) -> Labelled:
    """All followers of several samples, one or more; a creator that occurs in two of them has both of its samples."""
    followers = [part.followers for part in parts]
    return Labelled(
        Followers(
            [each for part in followers for each in part.creator_ids],
            [each for part in followers for each in part.follower_ids],
            [each for part in followers for each in part.handles],
            [each for part in followers for each in part.names],
        ),
        np.concatenate([part.is_fake for part in parts]),
        np.concatenate([part.truth for part in parts]),
        [each for part in parts for each in part.kinds],
        [each for part in parts for each in part.countries],
        np.concatenate([part.shares for part in parts]),
    )


def read_csv(path: Path) -> Labelled:
    """Labelled followers of a CSV file with a header.

    Raises:
        StirError: the file cannot be read or lacks a column, or a label is no label.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return from_rows(list(csv.DictReader(stream)), str(path))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise StirError(f"the labels cannot be read: {error}", where=str(path)) from error


def _flag(value: object, where: str, line: int) -> bool:
    text = str(value).strip().lower()
    if text not in TRUE | FALSE:
        raise StirError(f"is_fake is {text[:20]!r} in line {line}", where=where, do="write 1 or 0")
    return text in TRUE
