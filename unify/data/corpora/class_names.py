"""Names of actions as corpora write them, as words."""

import re

PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def words(name: str) -> str:
    """`ApplyEyeMakeup` and `apply_eye_makeup` as `apply eye makeup`."""
    return " ".join(PARTS.findall(name)).lower()
