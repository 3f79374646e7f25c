"""Signs of life: cheap ones by the first bytes of each protocol, thorough ones by logging in."""

from __future__ import annotations

import socket
import struct

from stir import connections
from stir.errors import StirError
from stir.local.ports import LOOPBACK
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

    try:
        client = connections.clickhouse(settings)
        version = str(client.server_version)
        client.close()
    except Error as error:
        raise _trouble("ClickHouse", "STIR_CLICKHOUSE_URL", settings.clickhouse, error) from None
    return version


def check_postgres(settings: Settings) -> str:
    """Log in as the writer; the server's version.

    Raises:
        StirError: it is away, or refuses the credentials.
    """
    import psycopg

    try:
        with connections.postgres(settings, connect_timeout=5) as connection:
            return str(connection.info.parameter_status("server_version")).split()[0]
    except psycopg.OperationalError as error:
        endpoint = Endpoint(settings.postgres_dsn())
        raise _trouble("PostgreSQL", "STIR_POSTGRES_URL", endpoint, error) from None


def check_s3(settings: Settings) -> str:
    """List the bucket; the server's name, for S3 has no versions.

    Raises:
        StirError: it is away, refuses the credentials, or has no such bucket.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        answer = connections.s3(settings).list_objects_v2(Bucket=settings.s3.path, MaxKeys=1)
    except (BotoCoreError, ClientError) as error:
        raise _trouble("S3", "STIR_S3_URL", settings.s3, error) from None
    return str(answer["ResponseMetadata"]["HTTPHeaders"].get("server", "S3"))


CHECKS = {"clickhouse": check_clickhouse, "postgres": check_postgres, "s3": check_s3}


_REFUSALS = (
    "authentication failed",
    "AUTHENTICATION_FAILED",
    "SignatureDoesNotMatch",
    "InvalidAccessKeyId",
    "AccessDenied",
)


def _trouble(title: str, variable: str, endpoint: Endpoint, error: Exception) -> StirError:
    said = " ".join(str(error).split())
    address = f"{variable}, {endpoint.host}:{endpoint.port}"
    if any(refusal in said for refusal in _REFUSALS):
        return StirError(
            f"{title} refuses the password of `{endpoint.user}`",
            where=address,
            do="put the right credentials into that variable",
        )
    return StirError(
        f"{title} cannot be used: {said[:300]}", where=address, do="see that the server runs and the address is right"
    )
