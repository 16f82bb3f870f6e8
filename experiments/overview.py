"""What `--list`, `--dry-run` and `--status` print; reads records only."""

from collections.abc import Iterable
from itertools import groupby

from experiments.plan import ACTIONS, Plan, PlannedRun
from experiments.progress import duration, number, read_progress
from experiments.standing import Queue, Standing, standing
from experiments.text import columns
from experiments.variants import Sweep
from unify.config import RunConfig, signature
from unify.records import RecordError

HEADINGS = ("The paper's experiments", "Choices that the paper leaves open", "Together")


def sweeps_text(sweeps: Iterable[Sweep], base: RunConfig) -> str:
    """Every sweep with the paper's place and the number of its distinct runs."""
    ordered = sorted(sweeps, key=_section)
    rows = [[s.name, s.paper, str(_distinct(s, base)), s.title] for s in ordered]
    header, *lines = columns(["sweep", "paper", "runs", "question"], rows).splitlines()
    text = [header]
    for section, found in groupby(zip(ordered, lines, strict=True), lambda p: _section(p[0])):
        text += ["", HEADINGS[section], *(line for _, line in found)]
    return "\n".join(text)


def variants_text(sweep: Sweep, base: RunConfig) -> str:
    """A sweep's runs: label, the paper's letter, and what is particular about each."""
    rows = [[v.label, v.row, v.about] for v in sweep.variants(base)]
    used = [k for k in range(3) if any(row[k] for row in rows)]
    header, *rows = [[row[k] for k in used] for row in (["run", "line", "about"], *rows)]
    return f"{sweep.title} ({sweep.paper})\n{columns(header, rows)}"


def plan_text(plan: Plan) -> str:
    """Every run: identity, what differs from the preset, state, and what would be done."""
    missing = {run.signature for run in plan.missing}
    queue = Queue(plan.everything)
    rows = [_plan_row(run, queue, run.signature in missing) for run in plan.everything]
    header = ["run", "signature", "state", "action", f"differs from {plan.preset}"]
    trained = f"{len(missing)} of {len(rows)} runs to train"
    return f"{columns(header, rows)}\n{plan.sweep.name}: {trained}; nothing was started"


def status_text(plan: Plan) -> str:
    """Every run: state, place, speed, and what explains it."""
    queue = Queue(plan.everything)
    rows = [_status_row(run, standing(run, queue)) for run in plan.everything]
    header = ["run", "state", "phase", "step", "loss", "step/s", "ETA", "last word", "note"]
    unknown = f"\nthe queue is not known: {queue.problem}" if queue.problem else ""
    return columns(header, rows) + unknown


def changes_text(run: PlannedRun) -> str:
    """What differs from the preset, in one line."""
    pairs = [f"{name}={_short(new)}" for name, (_, new) in run.changes.items()]
    return " ".join(pairs) or "-"


def _section(sweep: Sweep) -> int:
    """Number of its heading."""
    return 2 if sweep.parts else int(sweep.choice)


def _distinct(sweep: Sweep, base: RunConfig) -> int:
    return len({signature(variant.config) for variant in sweep.variants(base)})


def _plan_row(run: PlannedRun, queue: Queue, missing: bool) -> list[str]:
    now = standing(run, queue)
    needed = missing or now.state in ("finished", "damaged")
    action = ("wait for it" if now.active else ACTIONS[run.directory.state()]) if needed else ""
    return [run.name, run.signature, now.state, action or "not needed", changes_text(run)]


def _status_row(run: PlannedRun, stands: Standing) -> list[str]:
    if stands.state == "finished":
        return [run.name, stands.state, "", "", "", "", "", "", _headline(run)]
    now = read_progress(run)
    place = [now.phase, now.place, number(now.loss, 3), number(now.rate, 1)]
    eta = duration(now.eta) if stands.state == "running" else ""
    age = "" if now.age is None else f"{duration(now.age)} ago"
    return [run.name, stands.state, *place, eta, age, stands.note]


def _headline(run: PlannedRun) -> str:
    """The run's fused text-to-video R@10, or its top-1, on its first test set; empty for warm
    starts."""
    try:
        rows = run.directory.result().get("metrics", [])
    except RecordError as error:
        return str(error)
    fused = [row for row in rows if row.get("representation") == "fused"]
    for direction, metric in (("t2v", "R@10"), ("v2t", "top-1")):
        wanted = {"direction": direction, "metric": metric}
        if found := [row["value"] for row in fused if wanted.items() <= row.items()]:
            return f"fused {metric} {found[0]:.1f}"
    return ""


def _short(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
