"""The phases of a run: data, training by all processes, and what the first concludes from it."""

from pathlib import Path

import torch

from unify.attempts import Claim
from unify.config import Config, WarmStartConfig
from unify.config.corpora import CORPORA
from unify.data.miniature import ensure_world
from unify.data.storage import storage_form
from unify.records import RunDirectory
from unify.runs.kinds import KINDS
from unify.runs.progress import Progress
from unify.training.checkpoint import remove_all
from unify.training.distributed import join, peers
from unify.training.timer import Timer
from unify.training.watch import Watch


def run_phases(directory: RunDirectory, device: torch.device, claim: Claim | None) -> None:
    """As `runner.run`, once it is known on which device."""
    join(device)
    with peers():
        _run_joined(directory, device, claim)


def _run_joined(directory: RunDirectory, device: torch.device, claim: Claim | None) -> None:
    config = directory.config()
    watch, timer = Watch(device, claim), Timer()
    with timer("data"):
        watch.each(lambda: _ensure_data(directory, config, watch))
    conclude = KINDS[type(config)](directory, config, watch, timer)

    def finish() -> None:
        outcome = conclude()
        watch.keep()
        directory.finish(_header(directory, config, device, timer) | outcome)
        remove_all(directory.checkpoints)

    watch.first(finish)


def _ensure_data(directory: RunDirectory, config: Config, watch: Watch) -> None:
    if config.world is None:
        return
    root = config.root if isinstance(config, WarmStartConfig) else config.data.root
    ensure_world(config.world, Path(root), progress=Progress(directory, "data", watch))


def _header(directory: RunDirectory, config: Config, device: torch.device, timer: Timer) -> dict:
    meta = directory.meta()
    return {
        "schema": meta["schema"],
        "kind": meta["kind"],
        "signature": meta["signature"],
        "label": meta["label"],
        "sweep": meta["sweep"],
        "seed": config.seed,
        "storage": _storage(config),
        "device": device.type,
        "seconds": timer.all(),
    }


def _storage(config: Config) -> dict[str, str]:
    """Corpus -> the form of its clips, for those that were prepared."""
    if isinstance(config, WarmStartConfig):
        return {}
    used = [name.partition("/")[0] for name in (*config.data.corpora, *config.evaluation.corpora)]
    root = Path(config.data.root)
    found = {name: storage_form(root / CORPORA[name].folder) for name in used}
    return {name: form for name, form in found.items() if form is not None}
