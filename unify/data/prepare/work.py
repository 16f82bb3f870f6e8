"""One job: a file read, converted, and put in its place whole or not at all."""

import io
import os
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from unify.data.corpora.shards import TEXTS
from unify.data.prepare.formats import StorageFormat, shrink_image
from unify.data.prepare.plan import Job, suffix_of
from unify.files import opened_atomically


@dataclass(frozen=True)
class Lost:
    """A clip that is not in the copy."""

    place: Path
    why: str


class _Unusable(Exception):
    """An original that cannot be converted; the message says why."""


def is_done(job: Job) -> bool:
    """Whether its file is there and of this very original, whose time of change it was given."""
    try:
        made, original = job.target.stat(), job.source.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    # Whole seconds: not every file system keeps parts of them.
    return int(made.st_mtime) == int(original.st_mtime)


def convert(form: StorageFormat, job: Job) -> list[Lost]:
    """Make the job's file; clips that cannot be converted are left out and returned.

    Raises ValueError where the file cannot be written.
    """
    lost: list[Lost] = []
    try:
        changed = _time_of_change(job.source)
        with opened_atomically(job.target) as file:
            _fill(file, form, job, lost)
        os.utime(job.target, ns=(changed, changed))
    except (_Unusable, tarfile.TarError) as error:
        return [Lost(job.source, _in_short(error))]
    except OSError as error:
        raise ValueError(
            f"{job.target} cannot be written ({error.strerror}); make room there or name another "
            "folder with --out, and run the same command again to continue"
        ) from error
    return lost


def _time_of_change(path: Path) -> int:
    try:
        stat = path.stat()
    except OSError as error:
        raise _Unusable(_in_short(error)) from error
    if not stat.st_size:
        raise _Unusable("the file is empty")
    return stat.st_mtime_ns


def _fill(file: IO[bytes], form: StorageFormat, job: Job, lost: list[Lost]) -> None:
    if job.members is None:
        file.write(_converted(form, job, job.source))
        return
    with tarfile.open(job.source, "r:") as old, tarfile.open(fileobj=file, mode="w") as new:
        _refill(old, new, form, job, lost)


def _refill(
    old: tarfile.TarFile, new: tarfile.TarFile, form: StorageFormat, job: Job, lost: list[Lost]
) -> None:
    """A shard's clips converted and its texts as they are, in its order, and nothing else.

    A sample whose clip is lost keeps its texts, as where a download failed.
    """
    for info in old:
        if info.offset_data in job.members:
            try:
                content = _converted(form, job, io.BytesIO(old.extractfile(info).read()))
            except _Unusable as error:
                lost.append(Lost(job.source / info.name, str(error)))
                continue
            _add(new, _key(info.name) + suffix_of(job, form), content)
        elif info.isreg() and info.name.rpartition(".")[2].lower() in TEXTS:
            _add(new, info.name, old.extractfile(info).read())


def _converted(form: StorageFormat, job: Job, source: Path | io.BytesIO) -> bytes:
    try:
        if job.is_image:
            return shrink_image(source, form.side)
        return form.clip(source, job.seconds)
    # Decoders raise what they like; all of it means that this clip is lost.
    except Exception as error:
        raise _Unusable(_in_short(error)) from error


def _key(name: str) -> str:
    """A member's name without its extension, which starts at the first dot (WebDataset)."""
    folder, slash, base = name.rpartition("/")
    return folder + slash + base.partition(".")[0]


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    archive.addfile(info, io.BytesIO(content))


def _in_short(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error)
    return " ".join(text.split()) or type(error).__name__
