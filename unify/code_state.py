"""Which code runs: its commit and what was changed since (never imports torch)."""

import subprocess
from pathlib import Path
from typing import Any

from unify.files import read_json

ROOT = Path(__file__).resolve().parents[1]
"""The checkout, or the snapshot of one, that this code was imported from."""
RECORD = "code.json"
"""In a snapshot: the state of the checkout at the time it was taken."""


def code_state(root: Path = ROOT) -> dict[str, Any]:
    """Commit, whether the code differs from it, the diff, and the files git does not know; for a
    snapshot what its checkout was then, and the snapshot's name. Empty outside git."""
    recorded = read_json(root / RECORD)
    return {**recorded, "snapshot": root.name} if recorded else _checkout(root)


def _checkout(root: Path) -> dict[str, Any]:
    status = _git(root, "status", "--porcelain", "--untracked-files=all").splitlines()
    return {
        "commit": _git(root, "rev-parse", "HEAD").strip(),
        "dirty": bool(status),
        "untracked": [line[3:] for line in status if line.startswith("?? ")],
        "diff": _git(root, "diff", "HEAD"),
    }


def _git(root: Path, *arguments: str) -> str:
    """What git prints; empty where it is missing or fails."""
    command = ["git", "-C", str(root), *arguments]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return ""
