"""Logs in to each server as stir does, and reports a failure in one clear line."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass

from stir import connections
from stir.addresses import Endpoint
from stir.errors import StirError
from stir.settings import Settings


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


def check_broker(settings: Settings) -> str:
    """Log in to the message broker; the server's version.

    Raises:
        StirError: it is away, or refuses the credentials.
    """
    from stir.ingest import broker

    login = _Login("the broker", "STIR_BROKER_URL", settings.broker)
    login.reach()

    async def version() -> str:
        connection = await broker.connect(settings)
        try:
            return connection.version
        finally:
            await connection.close()

    try:
        return asyncio.run(version())
    except broker.BrokerError as error:
        raise login.failure(error) from None


CHECKS = {"clickhouse": check_clickhouse, "postgres": check_postgres, "s3": check_s3, "broker": check_broker}

_REFUSALS = (
    "authentication failed",
    "AUTHENTICATION_FAILED",
    "SignatureDoesNotMatch",
    "InvalidAccessKeyId",
    "AccessDenied",
    "Authorization Violation",
    "ACCESS_REFUSED",
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
        """Open a plain connection first: drivers are slow and verbose when no server listens."""
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
        return StirError(what, where=self._where, do="check the address and that the server is healthy")
