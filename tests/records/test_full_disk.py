"""A run directory on a small file system of its own, in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UNSHARE = ["unshare", "--user", "--map-root-user", "--mount"]
PREPARE = """
import os, subprocess, sys
from pathlib import Path
from unify.attempts import BEAT_SECONDS
from unify.config import PRESETS, signature
from unify.files import create_json
from unify.reasons import reason
from unify.records import RunDirectory
config, folder = PRESETS["smoke"](), Path(sys.argv[1])
def mount(*options):
    subprocess.run(["mount", *options, str(folder)], check=True)
mount("-t", "tmpfs", "-o", "size=64k", "tmpfs")
path = folder / f"N=9-{signature(config)}"
run = RunDirectory.create(path, config, label="N=9", sweep="sweep", parents={})
def fill():
    with (folder / "filler").open("wb", buffering=0) as file:
        while file.write(b"x" * 4096) == 4096: pass
def said(call):
    try:
        call()
    except OSError as error:
        print(reason(error))
"""


def on_small_disk(folder: Path, code: str) -> list[str]:
    """What a process prints on both streams whose run lies on a file system of 64 KiB."""
    if subprocess.run([*UNSHARE, "true"], capture_output=True).returncode:
        pytest.skip("this user may mount nothing")
    done = subprocess.run(
        [*UNSHARE, sys.executable, "-c", PREPARE + code, str(folder)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout.replace(str(folder), "DISK").splitlines()


def test_on_a_full_disk_what_matters_ends_in_a_line_and_what_does_not_goes_on(tmp_path):
    lines = on_small_disk(
        tmp_path,
        """
try:
    fill()
except OSError:
    pass
for _ in range(3):
    run.progress(1, 2, "training", loss=0.5)
run.fail(ValueError("the loss is NaN"))
said(lambda: run.finish({"metrics": []}))
said(lambda: create_json(path / "new.json", {}))
print(sorted(each.name for each in path.iterdir()))
(folder / "filler").unlink()
with run.claim():
    pass
print(run.state(), run.last_attempt().ended)
""",
    )
    run = lines[0].partition("/progress.json")[0].removeprefix("progress is not shown: ")
    full = "No space left on device; free space there and run the same command again"
    assert lines == [
        f"progress is not shown: {run}/progress.json: {full}",
        f"the failure is not on record: {run}/failure.json: {full}",
        f"{run}/result.json: {full}",
        f"{run}/new.json: {full}",
        "['config.json']",
        "interrupted finished",
    ]


def test_a_folder_that_may_not_be_written_is_named_and_can_be_read(tmp_path):
    lines = on_small_disk(
        tmp_path,
        """
mount("-o", "remount,ro")
said(lambda: run.claim().__enter__())
said(lambda: run.finish({"metrics": []}))
print(run.state(), run.config() == config)
""",
    )
    assert [line.rpartition("/")[2] for line in lines[:2]] == [
        "lock: Read-only file system; make it writable, or name another folder",
        "result.json: Read-only file system; make it writable, or name another folder",
    ]
    assert lines[2] == "new True"
