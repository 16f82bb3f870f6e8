"""Runs that may be drawn together: those that differ in the studied fields alone."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.results import Record, differing, identity_fields
from unify.config import PRESETS

DEFAULT = "mini"
"""Preset whose figures lie in the sweep's own folder."""


class AnalysisError(ValueError):
    """Nothing can be drawn; the message is one line that says what to do."""


@dataclass(frozen=True)
class Group:
    """Runs of one config, but for the studied fields and the seed."""

    records: tuple[Record, ...]
    studied: tuple[str, ...]
    """Dotted names of the fields in which they may differ."""

    @property
    def finished(self) -> float:
        """When the last of them was finished."""
        return max(record.finished for record in self.records)

    @property
    def preset(self) -> str | None:
        """The preset that these runs are of, with nothing else changed; None for others."""
        rest = _rest(self.records[0].config, self.studied)
        made = {name: identity_fields(preset()) for name, preset in PRESETS.items()}
        return next((n for n, c in made.items() if _rest(c, self.studied) == rest), None)

    @property
    def signature(self) -> str:
        """Eight hexadecimal digits over all that these runs have in common."""
        rest = _rest(self.records[0].config, self.studied)
        return hashlib.sha256(rest.encode()).hexdigest()[:8]

    @property
    def seeds(self) -> str:
        """How many seeds the studied configs have, such as "1 to 3 seeds"."""
        counts = Counter(
            tuple(str(record.config[name]) for name in self.studied) for record in self.records
        )
        fewest, most = min(counts.values()), max(counts.values())
        span = str(most) if fewest == most else f"{fewest} to {most}"
        return f"{span} {'seed' if most == 1 else 'seeds'}"

    @property
    def about(self) -> str:
        """Preset or signature, and the number of seeds, in words."""
        which = f"preset {self.preset}" if self.preset else f"group {self.signature}"
        return f"{which}, {self.seeds}"

    @property
    def folder(self) -> str:
        """Where below a sweep's folder its figures lie: `mini`, the default, in the folder."""
        return "" if self.preset == DEFAULT else f"figures-{self.preset or self.signature}"

    @property
    def name(self) -> str:
        """A signature that asks for this group: that of its last finished run."""
        return max(self.records, key=lambda record: record.finished).signature

    def has(self, signature: str) -> bool:
        """Whether the run is in it; a beginning of its signature will do."""
        return any(record.signature.startswith(signature) for record in self.records)


def groups(found: Iterable[Record], studied: Sequence[str]) -> list[Group]:
    """All groups, the last finished one first."""
    members: dict[str, list[Record]] = {}
    for record in found:
        members.setdefault(_rest(record.config, studied), []).append(record)
    made = [Group(tuple(records), tuple(studied)) for records in members.values()]
    return sorted(made, key=lambda group: -group.finished)


def choose(made: Sequence[Group], sweep: str, member: str | None) -> Group:
    """The group with the run `member`, or else the newest with a run of the sweep."""
    fitting = [group for group in made if _fits(group, sweep, member)]
    if not fitting:
        wanted = f"run {member}" if member else f"run of {sweep}"
        raise AnalysisError(
            f"no finished {wanted} was found; python experiments/sweep.py {sweep} trains them"
        )
    return fitting[0]


def left_out(made: Sequence[Group], chosen: Group, sweep: str) -> list[str]:
    """A line for every other group of the sweep: how it differs, and how to ask for it."""
    others = [group for group in made if group is not chosen and _fits(group, sweep, None)]
    return [_left_out(group, chosen) for group in others]


def _left_out(group: Group, chosen: Group) -> str:
    fields = differing([group.records[0], chosen.records[0]])
    fields = [name for name in fields if name not in group.studied]
    values = [f"{name}={group.records[0].config.get(name)}" for name in fields]
    shown = ", ".join(values[:3]) + (", ..." if len(values) > 3 else "")
    return f"left out {len(group.records)} other runs ({shown}): --group {group.name} draws them"


def _fits(group: Group, sweep: str, member: str | None) -> bool:
    if member is not None:
        return group.has(member)
    return any(record.sweep == sweep for record in group.records)


def _rest(config: Mapping[str, Any], studied: Sequence[str]) -> str:
    skipped = {"seed", *studied}
    return json.dumps({n: v for n, v in config.items() if n not in skipped}, sort_keys=True)
