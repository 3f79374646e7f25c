"""Encrypts what the database keeps of people and of accounts, with keys that stand outside the database."""

from __future__ import annotations

import contextlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stir.errors import StirError
from stir.settings import Settings

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet


@dataclass(frozen=True)
class Keys:
    """Where the keys of a vault come from.

    Attributes:
        of: what the vault is of, for errors.
        variable: the variable that holds them.
        path: the file that holds them where the variable is not set; it is created at first use.
        given: what the variable holds: Fernet keys, newest first, separated by commas; None if it is not set.
    """

    of: str
    variable: str
    path: Path
    given: str | None

    @property
    def where(self) -> str:
        """The place of the keys that are in use, for errors."""
        return str(self.path) if self.given is None else self.variable


def quarantine_keys(settings: Settings) -> Keys:
    """The keys of the quarantine."""
    secret = settings.quarantine_key
    given = secret.get_secret_value() if secret else None
    return Keys("the quarantine", "STIR_QUARANTINE_KEY", settings.state_dir / "quarantine.key", given)


class Vault:
    """Encrypts and decrypts bytes with the newest key, and decrypts also what older keys encrypted."""

    def __init__(self, keys: Keys) -> None:
        self.keys = keys
        self._fernet: MultiFernet | None = None

    def lock(self, plain: bytes) -> bytes:
        """The bytes, encrypted."""
        return self._keys().encrypt(plain)

    def open(self, locked: bytes) -> bytes:
        """The bytes that `lock` got.

        Raises:
            StirError: none of the keys fits.
        """
        from cryptography.fernet import InvalidToken

        try:
            return self._keys().decrypt(locked)
        except InvalidToken:
            raise self._no_key_fits() from None

    def rotate(self, locked: bytes) -> bytes:
        """The same bytes, encrypted with the newest key.

        Raises:
            StirError: none of the keys fits.
        """
        from cryptography.fernet import InvalidToken

        try:
            return self._keys().rotate(locked)
        except InvalidToken:
            raise self._no_key_fits() from None

    def _no_key_fits(self) -> StirError:
        return StirError(
            f"the key of {self.keys.of} does not fit what is stored there",
            where=self.keys.where,
            do="restore the key that was in use; after a change of keys, list the old one after the new one",
        )

    def _keys(self) -> MultiFernet:
        from cryptography.fernet import Fernet, MultiFernet

        if self._fernet is None:
            text = self._read_or_create() if self.keys.given is None else self.keys.given
            try:
                self._fernet = MultiFernet([Fernet(key.strip()) for key in text.split(",") if key.strip()])
            except ValueError:
                raise StirError(
                    f"the key of {self.keys.of} is not usable",
                    where=self.keys.where,
                    do="give 32 random bytes in URL-safe base64; several keys, newest first, separated by commas",
                ) from None
        return self._fernet

    def _read_or_create(self) -> str:
        """The key of this checkout. It is created at first use; only its owner may read it."""
        from cryptography.fernet import Fernet

        path = self.keys.path
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            # Another process may create it at the same moment: the first whole file stays.
            handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mkstemp makes it 0600
            try:
                with os.fdopen(handle, "w", encoding="ascii") as stream:
                    stream.write(Fernet.generate_key().decode())
                    stream.flush()
                    os.fsync(stream.fileno())
                with contextlib.suppress(FileExistsError):
                    path.hardlink_to(temporary)
            finally:
                Path(temporary).unlink()
        return path.read_text(encoding="ascii")
