"""The application's own tables in PostgreSQL: schema `campaign`, and schema `ops` for what stir leaves for it to do."""

from stir.database.migration import prepare

__all__ = ["prepare"]
