"""What the tests of the parsers share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import pytest

from digest.model import Document

MakeDocument = Callable[..., Document]


@pytest.fixture(scope="session")
def make_document() -> MakeDocument:
    """Return a maker of documents from text or bytes."""

    def make(
        body: str | bytes,
        *,
        name: str = "saved.txt",
        listed_on: date | None = None,
        modified_at: datetime | None = None,
    ) -> Document:
        data = body.encode() if isinstance(body, str) else body
        return Document(source="files", name=name, body=data, listed_on=listed_on, modified_at=modified_at)

    return make
