"""Captions and names as pages and figures show them, whatever a corpus holds."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator

LONGEST = 400
"""Characters of a caption that are shown; published ones have fewer."""


def legible(text: str) -> str:
    """The text without control characters, which no page may hold, and cut where it is long."""
    cut = text if len(text) <= LONGEST else f"{text[:LONGEST].rstrip()} ..."
    return "".join(c if c.isspace() or unicodedata.category(c) != "Cc" else "\ufffd" for c in cut)


Legible = Annotated[str, AfterValidator(legible)]
"""A text that is made legible where it is read."""
