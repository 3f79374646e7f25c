"""The error class for users: one line that says what happened, where, and what to do."""

from __future__ import annotations


class StirError(Exception):
    """An error that a user can act on.

    Attributes:
        what: what went wrong, without a trailing full stop.
        where: the place: a service, file, table, setting or command. May be empty.
        do: what the user can do about it, as an imperative.
    """

    def __init__(self, what: str, *, where: str = "", do: str = "") -> None:
        self.what, self.where, self.do = what, where, do
        super().__init__(self.line)

    @property
    def line(self) -> str:
        """The whole error in one line."""
        place = f" ({self.where})" if self.where else ""
        advice = f"; {self.do}" if self.do else ""
        return " ".join(f"{self.what}{place}{advice}".split())
