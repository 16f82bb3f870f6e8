"""Profiles: what the jobs of one cluster ask for, read from TOML files."""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "profiles"

CLOCKS = (
    re.compile(r"(?P<hours>\d+):(?P<minutes>[0-5]\d):(?P<seconds>[0-5]\d)"),
    re.compile(
        r"(?P<days>\d+)-(?P<hours>[01]?\d|2[0-3])"
        r"(?::(?P<minutes>[0-5]\d)(?::(?P<seconds>[0-5]\d))?)?"
    ),
)
"""Time limits as text; SLURM's MM:SS is left out, since it reads like HH:MM."""

FIELD_OF_OPTION = {
    "partition": "partition",
    "account": "account",
    "qos": "qos",
    "constraint": "constraint",
    "nodes": "nodes",
    "gpus": "gpus_per_node",
    "gpus-per-node": "gpus_per_node",
    "gpus-per-task": "gpus_per_node",
    "ntasks": "tasks_per_node",
    "ntasks-per-node": "tasks_per_node",
    "cpus-per-task": "cpus_per_task",
    "mem": "memory_gb",
    "time": "time",
    "signal": "signal_seconds",
    "requeue": "requeues",
    "no-requeue": "requeues",
    "array": "jobs",
}
"""sbatch options that have a field of their own."""

OWN_OPTIONS = {"dependency", "error", "job-name", "open-mode", "output"}
"""sbatch options that belong to the launcher alone."""

ODD_OPTIONS = {"parsable", "quiet", "test-only", "wait", "wrap"}
"""sbatch options that change what sbatch does or answers."""


class ProfileError(ValueError):
    """A profile that cannot be used; the message is one line that says what to do."""


@dataclass(frozen=True, kw_only=True)
class Profile:
    """Resources of one job and how python starts in it."""

    name: str
    minutes: int
    """Time limit of one life of a job (field `time`)."""
    file: Path | None = None
    """Where it was read from."""
    partition: str | None = None
    account: str | None = None
    qos: str | None = None
    constraint: str | None = None
    nodes: int = 1
    gpus_per_node: int = 0
    tasks_per_node: int | None = None
    """Processes on each node; None: one per GPU, or one."""
    cpus_per_task: int = 1
    memory_gb: float | None = None
    """GiB of each node; None: the cluster's default."""
    signal_seconds: int = 120
    """Time between SIGUSR2 and the time limit."""
    requeues: int = 20
    """How often one job may be put back into the queue."""
    jobs: int | None = None
    """How many elements of an array run at once; None: as many as the cluster lets."""
    setup: tuple[str, ...] = ()
    """Shell lines before python starts."""
    python: str | None = None
    """Shell command that starts python; None: the interpreter that submits."""
    srun: tuple[str, ...] = ()
    """More arguments of srun."""
    sbatch: Mapping[str, str | int | bool] = field(default_factory=dict)
    """Other options of sbatch, by their long names."""

    @property
    def processes_per_node(self) -> int:
        """Tasks that srun starts on each node."""
        return self.tasks_per_node or max(1, self.gpus_per_node)

    @property
    def processes(self) -> int:
        """Tasks of one job."""
        return self.nodes * self.processes_per_node


def profile_names() -> list[str]:
    """Names of the profiles that come with the project."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load_profile(name_or_path: str) -> Profile:
    """The profile of that name, or from a file whose path ends with .toml.

    Raises ProfileError.
    """
    path = _path(name_or_path)
    try:
        return Profile(name=path.stem, file=path, **_values(_table(path)))
    except ValueError as error:
        raise ProfileError(f"{path}: {error}") from None


def _path(name_or_path: str) -> Path:
    if name_or_path.endswith(".toml"):
        return Path(name_or_path).expanduser().absolute()
    if name_or_path in profile_names():
        return FOLDER / f"{name_or_path}.toml"
    raise ProfileError(
        f"unknown profile {name_or_path!r}{_nearest(name_or_path, profile_names())} "
        "(a file of your own is named by its path, which ends with .toml)"
    )


def _table(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from None


def _values(table: Mapping[str, Any]) -> dict[str, Any]:
    for name in table:
        if name not in _READERS:
            raise ValueError(
                f"unknown field {name!r}{_nearest(name, _READERS)} "
                "(other options of sbatch go below a line [sbatch])"
            )
    if "time" not in table:
        raise ValueError('time is missing: the time limit of a job, such as time = "24:00:00"')
    values = {name: _read(name, value) for name, value in table.items()}
    values["minutes"] = values.pop("time")
    seconds = values.get("signal_seconds", Profile.signal_seconds)
    if seconds >= 60 * values["minutes"]:
        raise ValueError(f"signal_seconds = {seconds} must be shorter than time")
    return values


def _read(name: str, value: Any) -> Any:
    try:
        return _READERS[name](value)
    except ValueError as error:
        raise ValueError(f"{name} {error}") from None


def _nearest(name: str, valid: Iterable[str]) -> str:
    near = get_close_matches(name, list(valid), n=1, cutoff=0.0)
    return f"; did you mean {near[0]}?" if near else ""


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise ValueError(f"must be one line of text in quotes, not {value!r}")
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError(f'must be a list of texts, such as ["..."], not {value!r}')
    return tuple(value)


def _count(least: int, value: Any) -> int:
    if type(value) is not int or value < least:
        raise ValueError(f"must be a whole number of at least {least}, not {value!r}")
    return value


def _gigabytes(value: Any) -> float:
    if type(value) not in (int, float) or not 0 < value < float("inf"):
        raise ValueError(f"must be a number of GiB above 0, not {value!r}")
    return value


def _minutes(value: Any) -> int:
    if isinstance(value, str) and value.isdecimal():
        value = int(value)
    minutes = value if type(value) is int else _clock(value)
    if minutes < 1:
        raise ValueError(f"must be at least a minute, not {value!r}")
    return minutes


def _clock(value: Any) -> int:
    for clock in CLOCKS:
        if isinstance(value, str) and (match := clock.fullmatch(value)):
            part = {name: int(digits) for name, digits in match.groupdict("0").items()}
            hours = 24 * part.get("days", 0) + part["hours"]
            return 60 * hours + part["minutes"] + (part["seconds"] > 0)
    raise ValueError(f'must be minutes, "HH:MM:SS" or "D-HH:MM:SS" in quotes, not {value!r}')


def _options(value: Any) -> dict[str, str | int | bool]:
    if not isinstance(value, dict):
        raise ValueError(f"must be a table: a line [sbatch] with options below, not {value!r}")
    return {_option(name, setting): setting for name, setting in value.items()}


def _option(name: str, value: Any) -> str:
    option = name.replace("_", "-")
    own = FIELD_OF_OPTION.get(option) or (name if name in _READERS else None)
    if own:
        raise ValueError(f"cannot set {name}: use the field {own}, above the line [sbatch]")
    if option in OWN_OPTIONS | ODD_OPTIONS:
        raise ValueError(f"cannot set {name}: the launcher does")
    if not re.fullmatch(r"[a-z][a-z0-9-]+", option):
        raise ValueError(f"takes options by their long names, such as nice, not {name!r}")
    if value is not True and type(value) is not int:
        try:
            _text(value)
        except ValueError:
            raise ValueError(
                f"{name} must be text, a whole number or true, not {value!r}"
            ) from None
    return option


_READERS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(["partition", "account", "qos", "constraint", "python"], _text),
    "nodes": partial(_count, 1),
    "gpus_per_node": partial(_count, 0),
    "tasks_per_node": partial(_count, 1),
    "cpus_per_task": partial(_count, 1),
    "memory_gb": _gigabytes,
    "time": _minutes,
    "signal_seconds": partial(_count, 1),
    "requeues": partial(_count, 0),
    "jobs": partial(_count, 1),
    "setup": _texts,
    "srun": _texts,
    "sbatch": _options,
}
"""What checks and converts each field of a file."""
