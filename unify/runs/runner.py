"""One run from its directory: data, training, evaluation, result."""

from pathlib import Path

import torch

from unify.config import Config, WarmStartConfig
from unify.config.corpora import CORPORA
from unify.data.miniature import ensure_world
from unify.data.storage import storage_form
from unify.records import RunDirectory
from unify.runs.timer import Timer
from unify.training.device import choose_device


def run(directory: RunDirectory, *, device: str = "auto") -> None:
    """Do all that the directory's config asks for; `result.json` comes last.

    Works alone or as one of several processes (torchrun, SLURM).

    Raises:
        ValueError: on a config, corpus or checkpoint that cannot be used.
        TrainingError: if the loss is not finite.
    """
    chosen = choose_device(device)
    config = directory.config()
    timer = Timer()
    with timer("data"):
        _ensure_data(directory, config)
    # DeepSpeed fixes its accelerator on import: only now is it known.
    from unify.runs.kinds import KINDS
    from unify.training.checkpoint import remove_all
    from unify.training.distributed import barrier, join, rank

    join(chosen)
    outcome = KINDS[type(config)](directory, config, chosen, timer)
    if rank() == 0:
        directory.finish(_header(directory, config, chosen, timer) | outcome)
        remove_all(directory.checkpoints)
    barrier()


def _ensure_data(directory: RunDirectory, config: Config) -> None:
    if config.world is None:
        return
    root = config.root if isinstance(config, WarmStartConfig) else config.data.root

    def progress(done: int, planned: int) -> None:
        directory.progress(done, planned, "data")

    ensure_world(config.world, Path(root), progress=progress)


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
