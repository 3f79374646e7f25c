"""The S3 bucket."""

from __future__ import annotations

from stir import connections
from stir.errors import StirError
from stir.settings import Settings


def ensure_bucket(settings: Settings) -> bool:
    """Create the bucket of STIR_S3_URL if it is missing; returns whether it was.

    Raises:
        StirError: the server refuses.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    client = connections.s3(settings)
    try:
        if settings.s3.path in {bucket["Name"] for bucket in client.list_buckets()["Buckets"]}:
            return False
        client.create_bucket(Bucket=settings.s3.path)
    except (BotoCoreError, ClientError) as error:
        raise StirError(f"S3 refused: {error}", where="STIR_S3_URL", do="check the address and the key") from None
    return True
