"""The record of a whole run of the harness, and the page that shows it."""

import json
import platform
import subprocess
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from reliability.project import ROOT
from reliability.registry import FAULTS
from reliability.verdict import Verdict

HERE = Path(__file__).resolve().parent
RECORD, PAGE = HERE / "record.json", HERE / "RELIABILITY.md"
PACKAGES = ("torch", "deepspeed", "tensorboard", "safetensors")
HEAD = "| fault | how | tried | lost nothing | ended right | what the user sees |"


def line(verdict: Verdict) -> str:
    """A trial in a line."""
    name = f"{verdict.fault} {verdict.number}"
    if verdict.not_tried:
        return f"{name}: not tried: {verdict.not_tried}"
    where = ", ".join(verdict.hits)
    outcome = "; ".join(verdict.problems) or "nothing lost, ended right"
    return f"{name} ({where}; {verdict.seconds:.0f} s): {outcome}"


def record(verdicts: Sequence[Verdict], *, seed: int, began: float, jobs: int) -> dict[str, Any]:
    """What the page is made of, as JSON."""
    return {
        "seed": seed,
        "date": time.strftime("%Y-%m-%d", time.gmtime(began)),
        "minutes": round((time.time() - began) / 60, 1),
        "at once": jobs,
        "commit": _commit(),
        "machine": _machine(),
        "versions": {"python": platform.python_version()} | {p: version(p) for p in PACKAGES},
        "faults": [
            {"name": name, "how": fault.how, "trials": trials}
            for name, fault in FAULTS.items()
            if (trials := [v.record() for v in verdicts if v.fault == name])
        ],
    }


def renewed(made: Mapping[str, Any]) -> dict[str, Any]:
    """The record that is there, with the faults of another in place of its own."""
    said = {name: made[name] for name in ("seed", "commit", "date")}
    again = {fault["name"]: {**fault, "again": said} for fault in made["faults"]}
    before = json.loads(RECORD.read_text())
    return {**before, "faults": [again.get(f["name"], f) for f in before["faults"]]}


def write(made: Mapping[str, Any]) -> None:
    """Write the record and its page."""
    RECORD.write_text(json.dumps(made, indent=1) + "\n")
    PAGE.write_text(page(made))


def page(made: Mapping[str, Any]) -> str:
    """The page of a record, in Markdown."""
    versions = ", ".join(f"{name} {value}" for name, value in made["versions"].items())
    return "\n".join(
        [
            "# Faults that were tried",
            "",
            "Written by `python tests/faults.py --report`; do not edit. Every fault was tried on "
            "real processes of this project, at random moments. After it and after the same "
            "command was run again, all was compared with an undisturbed run, bit for bit where "
            "nothing else is said: weights, metrics, TensorBoard, results, samples, data, "
            "leftovers. *Tried* counts how often the fault struck.",
            "",
            HEAD,
            "| --- | --- | --- | --- | --- | --- |",
            *(_row(fault) for fault in made["faults"]),
            "",
            f"Seed {made['seed']}, commit {made['commit']}, {made['machine']}, {versions}, "
            f"{made['date']}, {made['minutes']} minutes with {made['at once']} at once.",
            "",
            *_renewals(made["faults"]),
            *_notes(made["faults"]),
        ]
    )


def _row(fault: Mapping[str, Any]) -> str:
    trials = [trial for trial in fault["trials"] if not trial["not_tried"]]
    name = fault["name"].replace("_", " ")
    if not trials:
        why = fault["trials"][0]["not_tried"]
        return f"| {name} | {fault['how']} | not tried ({why}) | | | |"
    counts = [sum(not t[what] for t in trials) for what in ("lost", "wrong")]
    said = next((trial["said"] for trial in trials if trial["said"]), "")
    cells = [
        name,
        fault["how"],
        str(sum(len(trial["hits"]) for trial in trials)),
        *(f"{count} of {len(trials)}" for count in counts),
        f"`{said}`" if said else "nothing",
    ]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _renewals(faults: Sequence[Mapping[str, Any]]) -> list[str]:
    """Which faults were tried again later."""
    return [
        f"Tried again later: {fault['name'].replace('_', ' ')}, seed {again['seed']}, commit "
        f"{again['commit']}, {again['date']}.\n"
        for fault in faults
        if (again := fault.get("again"))
    ]


def _notes(faults: Sequence[Mapping[str, Any]]) -> list[str]:
    """Where kills hit, and all that was not as it should be."""
    trials = [trial for fault in faults for trial in fault["trials"]]
    problems = [
        f"- {t['fault']} {t['number']}: {what}"
        for t in trials
        for what in (*t["lost"], *t["wrong"], *t["unclear"])
    ]
    hits = sorted({(hit, _count(faults, hit)) for hit in _hits(faults)})
    struck = ", ".join(f"{phase} {count}" for phase, count in hits)
    lines = [f"Sweeps were killed in: {struck}.", ""] if struck else []
    return [*lines, *(["Not as it should be:", "", *problems, ""] if problems else [])]


def _hits(faults: Sequence[Mapping[str, Any]]) -> list[str]:
    killed = [fault for fault in faults if fault["name"] == "killed"]
    return [hit for fault in killed for trial in fault["trials"] for hit in trial["hits"]]


def _count(faults: Sequence[Mapping[str, Any]], hit: str) -> int:
    return _hits(faults).count(hit)


def _commit() -> str:
    def git(*words: str) -> str:
        command = ["git", "-C", str(ROOT), *words]
        return subprocess.run(command, capture_output=True, text=True).stdout.strip()

    dirty = git("status", "--porcelain", "--", "unify", "experiments", "slurm")
    return git("rev-parse", "--short", "HEAD") + (" with changes" if dirty else "")


def _machine() -> str:
    names = [
        text.partition(":")[2].strip()
        for text in Path("/proc/cpuinfo").read_text().splitlines()
        if text.startswith("model name")
    ]
    return f"{len(names)} cores of {names[0] if names else platform.machine()}"
