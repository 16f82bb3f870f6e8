"""A mount namespace of the harness's own: what it mounts nobody else sees, and it ends with it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

INSIDE = "FAULTS_NAMESPACE"


def enter(arguments: Sequence[str]) -> None:
    """Start this command again in a namespace, as root or as a user, where the system allows it."""
    if os.environ.get(INSIDE):
        return
    for options in ("-m", "-Urm"):
        if _works(options):
            os.environ[INSIDE] = options
            command = ["unshare", options, sys.executable, sys.argv[0], *arguments]
            os.execvp("unshare", command)


def why_not() -> str | None:
    """Why nothing can be mounted here, or None."""
    if os.environ.get(INSIDE):
        return None
    return "unshare -m and unshare -Urm are not allowed here: no tmpfs can be mounted"


def _works(options: str) -> bool:
    if shutil.which("unshare") is None:
        return False
    mount = "mount -t tmpfs -o size=1m tmpfs /tmp"
    tried = subprocess.run(["unshare", options, "sh", "-c", mount], capture_output=True)
    return tried.returncode == 0
