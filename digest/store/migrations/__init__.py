"""From whatever schema a database has to this program's: alembic, run when a store is opened."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, inspect, text

from digest.errors import StoreError

HEAD = "0001"
"""The newest revision in ``versions/``."""


def migrate(engine: Engine) -> None:
    """Bring the database to ``HEAD``; alembic (slow to import) is loaded only where there is something to do."""
    current = _revision(engine)
    if current == HEAD:
        return
    if current is not None and current > HEAD:
        raise StoreError(
            f"the store was written by a newer program (schema {current}, this one knows {HEAD})",
            place=engine.url.render_as_string(hide_password=True),
            hint="upgrade preprint-digest, or use another store",
        )
    from alembic import command  # noqa: PLC0415 - 380 ms
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, HEAD)


def _revision(engine: Engine) -> str | None:
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
