"""One SqlStore on SQLAlchemy Core."""
