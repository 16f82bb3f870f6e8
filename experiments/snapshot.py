"""A copy of the code for jobs to run from: editing the checkout changes nothing for them."""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from unify.code_state import RECORD, ROOT, code_state
from unify.files import write_json

PACKAGES = ("unify", "experiments", "slurm")
DIGITS = 12
"""Of the name of a snapshot, a hash of all its files and of the checkout's state."""


class Snapshot:
    """The code as it is now; nothing is copied before `take`."""

    def __init__(self, runs: Path) -> None:
        self._state = code_state()
        self.path = runs.resolve() / "code" / _digest(ROOT, self._state)

    def take(self) -> None:
        """Copy it, unless the same code was copied before; a reader sees all of it or nothing."""
        if self.path.exists():
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        making = Path(tempfile.mkdtemp(prefix=".making-", dir=self.path.parent))
        try:
            self._copy(making)
            if _digest(making, self._state) != self.path.name:
                raise OSError("the code was edited while it was copied; run the command again")
            making.chmod(0o755)
            making.rename(self.path)
        except OSError:
            if not self.path.exists():  # nobody else made it meanwhile
                raise
        finally:
            shutil.rmtree(making, ignore_errors=True)

    def variables(self, before: str = "") -> dict[str, str]:
        """Environment variables that let Python import it rather than the checkout; `before` is
        the PYTHONPATH so far."""
        paths = [str(self.path), *filter(None, [before])]
        return {"PYTHONPATH": ":".join(paths), "PYTHONSAFEPATH": "1"}

    def _copy(self, target: Path) -> None:
        for path in _files(ROOT):
            copy = target / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            try:
                shutil.copy2(path, copy)
            except OSError as error:  # which of the two paths, it would not say
                raise OSError(error.errno, error.strerror or str(error), str(copy)) from error
        write_json(target / RECORD, self._state)


def _digest(root: Path, state: Mapping[str, Any]) -> str:
    """The name of the code below `root`."""
    digest = hashlib.sha256(json.dumps(state, sort_keys=True).encode())
    for path in _files(root):
        digest.update(f"{path.relative_to(root)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:DIGITS]


def _files(root: Path) -> Iterator[Path]:
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path
