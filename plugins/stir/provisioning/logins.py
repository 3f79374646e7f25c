"""Signs of life: cheap ones by the first bytes of each protocol, thorough ones by logging in."""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass

from stir import connections
from stir.errors import StirError
from stir.local.machine.ports import LOOPBACK
from stir.settings import Endpoint, Settings

# The first packet of a PostgreSQL login, version 3.0. A server that is ready asks for a password ("R"); one that is
# still starting or recovering says so in an error ("E"). Nothing of it reaches the server's log.
_LOGIN = b"user\0stir_admin\0database\0postgres\0\0"
_STARTUP = struct.pack("!ii", 8 + len(_LOGIN), 196608) + _LOGIN


def http_answers(port: int, path: str, *, expect: bytes = b"HTTP/1.", host: str = LOOPBACK, seconds: float = 2) -> bool:
    """Whether an HTTP server answers; `expect` must occur in the first bytes of what it says."""
    request = f"GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n".encode()
    return expect in _exchange(host, port, request, 512, seconds)


def postgres_answers(port: int, *, host: str = LOOPBACK, seconds: float = 2) -> bool:
    """Whether a PostgreSQL server is ready to let somebody in."""
    return _exchange(host, port, _STARTUP, 1, seconds).startswith(b"R")


def _exchange(host: str, port: int, request: bytes, size: int, seconds: float) -> bytes:
    answer = b""
    try:
        with socket.create_connection((host, port), timeout=seconds) as connection:
            connection.sendall(request)
            # Take more than is needed: closing with unread bytes is a reset, and that goes into the server's log.
            while len(answer) < size and (part := connection.recv(4096)):
                answer += part
    except OSError:
        pass  # refused, reset or silent: what has been read so far decides
    return answer


def check_clickhouse(settings: Settings) -> str:
    """Log in as the writer; the server's version.

    Raises:
        StirError: it is away, or refuses the credentials.
    """
    from clickhouse_connect.driver.exceptions import Error

    login = _Login("ClickHouse", "STIR_CLICKHOUSE_URL", settings.clickhouse)
    login.reach()
    try:
        client = connections.clickhouse(settings)
        version = str(client.server_version)
        client.close()
    except Error as error:
        raise login.failure(error) from None
    return version


def check_postgres(settings: Settings) -> str:
    """Log in as the writer; the server's version.

    Raises:
        StirError: it is away, or refuses the credentials.
    """
    import psycopg

    login = _Login("PostgreSQL", "STIR_POSTGRES_URL", Endpoint(settings.postgres_dsn()))
    login.reach()
    try:
        with connections.postgres(settings, connect_timeout=5) as connection:
            return str(connection.info.parameter_status("server_version")).split()[0]
    except psycopg.OperationalError as error:
        raise login.failure(error) from None


def check_s3(settings: Settings) -> str:
    """List the bucket; the server's name, for S3 has no versions.

    Raises:
        StirError: it is away, refuses the credentials, or has no such bucket.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    login = _Login("S3", "STIR_S3_URL", settings.s3)
    login.reach()
    try:
        answer = connections.s3(settings).list_objects_v2(Bucket=settings.s3.path, MaxKeys=1)
    except (BotoCoreError, ClientError) as error:
        raise login.failure(error) from None
    return str(answer["ResponseMetadata"]["HTTPHeaders"].get("server", "S3"))


CHECKS = {"clickhouse": check_clickhouse, "postgres": check_postgres, "s3": check_s3}

_REFUSALS = (
    "authentication failed",
    "AUTHENTICATION_FAILED",
    "SignatureDoesNotMatch",
    "InvalidAccessKeyId",
    "AccessDenied",
)


@dataclass(frozen=True)
class _Login:
    title: str
    variable: str
    endpoint: Endpoint

    @property
    def _where(self) -> str:
        return f"{self.variable}, {self.endpoint.host}:{self.endpoint.port}"

    def reach(self) -> None:
        """Connect without a word: drivers take long to say, in many words, that nobody is there."""
        try:
            socket.create_connection((self.endpoint.host, self.endpoint.port), timeout=5).close()
        except OSError as error:
            what = f"{self.title} cannot be reached: {error.strerror or error}"
            raise StirError(what, where=self._where, do="start the server or correct the address") from None

    def failure(self, error: Exception) -> StirError:
        """A driver's error as one line."""
        said = " ".join(str(error).split())
        if any(refusal in said for refusal in _REFUSALS):
            what = f"{self.title} refuses the password of `{self.endpoint.user}`"
            return StirError(what, where=self._where, do="put the right credentials into that variable")
        what = f"{self.title} cannot be used: {said[:300]}"
        return StirError(what, where=self._where, do="see that the address is right and the server well")
