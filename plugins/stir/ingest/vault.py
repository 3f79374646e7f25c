"""Encrypts what the quarantine keeps of people, with a key that stands outside the database."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from stir.errors import StirError
from stir.settings import Settings

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

FILE = "quarantine.key"


class Vault:
    """Encrypts and decrypts bytes with the newest key, and decrypts also what older keys encrypted."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
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
            raise StirError(
                "the key of the quarantine does not fit what is stored there",
                where="STIR_QUARANTINE_KEY" if self._settings.quarantine_key else str(self._path()),
                do="restore the key that was in use; after a change of keys, list the old one after the new one",
            ) from None

    def _path(self) -> os.PathLike[str]:
        return self._settings.state_dir / FILE

    def _keys(self) -> MultiFernet:
        from cryptography.fernet import Fernet, MultiFernet

        if self._fernet is None:
            secret = self._settings.quarantine_key
            text = secret.get_secret_value() if secret else self._read_or_create()
            try:
                self._fernet = MultiFernet([Fernet(key.strip()) for key in text.split(",") if key.strip()])
            except ValueError:
                raise StirError(
                    "the key of the quarantine is not usable",
                    where="STIR_QUARANTINE_KEY" if secret else str(self._path()),
                    do="give 32 random bytes in URL-safe base64; several keys, newest first, separated by commas",
                ) from None
        return self._fernet

    def _read_or_create(self) -> str:
        """The key of this checkout. It is created at first use; only its owner may read it."""
        from cryptography.fernet import Fernet

        path = self._settings.state_dir / FILE
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            # Another process may create it at the same moment: the first whole file stays.
            handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{FILE}.")  # mkstemp makes it 0600
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
