"""In which form a corpus lies on disk (no torch)."""

from pathlib import Path
from typing import Any

from unify.files import read_json

LEDGER = ".prepared.json"
"""In the folder of a prepared corpus: what it was prepared with."""
FORMS = {"Mp4": "mp4", "JpegFrames": "frames"}
"""What the ledger's forms are called."""


def storage_form(kit: Path) -> str | None:
    """The form of a prepared corpus's clips; None for a corpus as it was published."""
    settings = read_json(kit / LEDGER)
    return None if settings is None else in_words(settings)


def in_words(settings: dict[str, Any]) -> str:
    """A ledger in words, such as `mp4, side 256, gop 15, crf 20`; later editions are named."""
    rest = {key: value for key, value in settings.items() if key not in ("form", "edition")}
    if settings["edition"] > 1:
        rest["edition"] = settings["edition"]
    return ", ".join([FORMS[settings["form"]], *(f"{key} {value}" for key, value in rest.items())])
