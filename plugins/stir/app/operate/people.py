"""Who may see and do what: tokens from the settings, compared in constant time, and the sessions of browsers."""

from __future__ import annotations

import hmac
import re
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Literal

from stir.errors import StirError

Role = Literal["reader", "operator"]
LEAST_LETTERS = 20
SESSION_SECONDS = 8 * 3600
_NAME = re.compile(r"[A-Za-z0-9._@-]{1,60}")


@dataclass(frozen=True)
class Person:
    """Somebody with a token; an operator may also act."""

    name: str
    role: Role


@dataclass(frozen=True)
class People:
    """The tokens that are known, as hashes, and the key of this process's sessions."""

    tokens: Sequence[tuple[bytes, Person]]
    clock: Callable[[], float] = time.time
    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    def of_token(self, token: str) -> Person | None:
        """Whose token it is. Every known one is compared, so that the time tells nothing."""
        given, found = _digest(token), None
        for known, person in self.tokens:
            if hmac.compare_digest(known, given):
                found = person
        return found

    def begin_session(self, person: Person) -> str:
        """The value of a cookie that stands for this person for some hours, in this process."""
        stated = f"{person.name}|{person.role}|{int(self.clock()) + SESSION_SECONDS}"
        return f"{stated}|{self._sign(stated)}"

    def of_session(self, cookie: str) -> Person | None:
        """Whose session it is; None for one that is over, or that somebody made up."""
        stated, _, signature = cookie.rpartition("|")
        if not stated or not hmac.compare_digest(self._sign(stated).encode(), signature.encode()):
            return None
        name, role, until = stated.split("|")
        known = Person(name, "operator" if role == "operator" else "reader")
        return known if float(until) > self.clock() else None

    def form_token(self, cookie: str) -> str:
        """What a form of this session has to send back, so that no other site can send it."""
        return self._sign(f"form of {cookie}")

    def _sign(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), sha256).hexdigest()


def read_people(readers: str | None, operators: str | None) -> People:
    """The people of the settings STIR_APP_READERS and STIR_APP_OPERATORS: `name:token,name:token`.

    Raises:
        StirError: an entry is no `name:token`, a token is short, or two people have the same one.
    """
    found: dict[bytes, Person] = {}
    settings: list[tuple[str, str | None, Role]] = [
        ("STIR_APP_READERS", readers, "reader"),
        ("STIR_APP_OPERATORS", operators, "operator"),
    ]
    for setting, text, role in settings:
        for entry in filter(None, (part.strip() for part in (text or "").split(","))):
            name, colon, token = entry.partition(":")
            if not colon or not _NAME.fullmatch(name):
                raise StirError("an entry is not name:token", where=setting, do="write name:token,name:token")
            if len(token) < LEAST_LETTERS:
                raise StirError(
                    f"the token of {name} has fewer than {LEAST_LETTERS} letters",
                    where=setting,
                    do='make one with python -c "import secrets; print(secrets.token_urlsafe(32))"',
                )
            if _digest(token) in found:
                raise StirError(f"the token of {name} is somebody else's too", where=setting, do="give each their own")
            found[_digest(token)] = Person(name, role)
    return People(tuple(found.items()))


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()
