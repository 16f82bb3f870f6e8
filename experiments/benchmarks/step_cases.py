"""What `train_step.py` measures: which sizes, and of each build the time, MFU and memory."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch

from experiments.benchmarks.batches import kept_ids, random_batch
from experiments.benchmarks.measuring import alternate, extra_memory
from experiments.benchmarks.peak import measured_peak, specified_peak
from experiments.benchmarks.record import Row
from unify.config import RunConfig
from unify.config.codec import override
from unify.data.loader import Batch
from unify.models.vocabulary import BERT_ENTRIES
from unify.training.device import choose_device

DEVICE = choose_device()  # DeepSpeed fixes its accelerator on import: only now is it known
from experiments.benchmarks.step_builds import (  # noqa: E402
    OURS,
    PEER,
    PLAIN,
    VARIANTS,
    Build,
    check_builds,
    executed_flops,
    make_build,
)
from experiments.benchmarks.step_flops import Sizes, step_flops  # noqa: E402
from unify.training.distributed import join  # noqa: E402
from unify.training.unify_task import autocast_type  # noqa: E402

ACTIVE = {
    "model.lexicon.head_bias": 0.0,
    "plan.learning_rate": 1e-6,
    "plan.epoch_steps": 30,
}
"""Nearly all words are above zero, and stay so; the plan asks for some number of steps."""
PAPER_BATCH = 64
"""Clips of one GPU."""
WARM_UP = 2


@dataclass(frozen=True)
class Case:
    """One table."""

    name: str
    config: RunConfig
    repeats: int


def cases(
    preset: str,
    config: RunConfig,
    changes: Mapping[str, Any],
    batch_size: int | None,
    repeats: int | None,
) -> Iterator[Case]:
    """The preset with its own lexicon and, where that is smaller, with all words.

    Raises ConfigError for a field or value that does not exist.
    """
    batch = batch_size or (PAPER_BATCH if preset == "paper" else config.plan.batch_size)
    config = override(config, {"plan.batch_size": batch, **ACTIVE, **changes})
    many = repeats or (20 if DEVICE.type == "cuda" else 9)
    yield Case(preset, config, many)
    if config.model.lexicon.entries != "all":
        whole = override(config, {"model.lexicon.entries": "all"})
        yield Case(f"{preset}, all words", whole, repeats or 3)


class Bench:
    """Measures on this process's device."""

    def __init__(self, *, compiled: bool) -> None:
        join(DEVICE)
        self.compiled = compiled
        self.on_cuda = DEVICE.type == "cuda"
        self.name = torch.cuda.get_device_name(DEVICE) if self.on_cuda else "cpu"
        self.peaks: dict[torch.dtype, float] = {}

    @property
    def sizes(self) -> dict[str, Any]:
        """What the rows of all cases have in common."""
        peaks = {str(kind).removeprefix("torch."): peak for kind, peak in self.peaks.items()}
        specified = specified_peak(DEVICE)
        return {"threads": torch.get_num_threads(), "peak": peaks, "specified_peak": specified}

    def title(self, case: Case, rows: list[Row]) -> str:
        """What a table is of, the speed of bare matrix products, and the floor."""
        model, data, peak = case.config.model, case.config.data, self._peak(case.config)
        words = len(kept_ids(case.config) or range(BERT_ENTRIES))
        specified = specified_peak(DEVICE)
        of = f", {specified / 1e12:.0f} TFLOP/s specified" if specified else ""
        return (
            f"{case.name}: {case.config.plan.batch_size} clips of {data.num_frames} x "
            f"{data.image_size} px, {words:,} words, {model.video.attention_style} attention; "
            f"bare matrix products {peak / 1e9:,.0f} GFLOP/s{of}; the floor of a step is "
            f"{rows[0]['floor_ms']:.1f} ms"
        )

    def rows(self, case: Case) -> list[Row]:
        """One row for each build.

        Raises ValueError where builds differ that should not.
        """
        names = [n for n in (PEER, *VARIANTS) if self.compiled or not _compiles(n)]
        builds = {name: make_build(name, case.config, DEVICE) for name in names}
        batch = random_batch(case.config, 0, slice(None)).to(DEVICE)
        losses = check_builds(builds[OURS], builds[PLAIN], builds[PEER], batch)
        steps = {name: partial(build.step, batch) for name, build in builds.items()}
        for step in (step for step in steps.values() for _ in range(WARM_UP)):
            step()
        times = alternate(steps, case.repeats, DEVICE)
        found = [self._row(case, build, batch, times) for build in builds.values()]
        return [row | {"loss": losses.get(row["build"])} for row in found]

    def _row(self, case: Case, build: Build, batch: Batch, times: dict[str, float]) -> Row:
        sizes = _sizes(case.config, batch)
        seconds, asked = times[build.name], step_flops(case.config.model, sizes)
        specified, report = specified_peak(DEVICE), {}
        extra = extra_memory(lambda: report.update(build.step(batch)), DEVICE)
        return {
            "case": case.name,
            "build": build.name,
            "parameters": build.parameters,
            "flops": executed_flops(build, sizes),
            "asked_flops": asked,
            "ms": 1000 * seconds,
            "floor_ms": 1000 * asked / self._peak(case.config),
            "clips_per_second": sizes.clips / seconds,
            "speed_up": times[PEER] / seconds,
            "mfu": asked / seconds / self._peak(case.config),
            "specified_mfu": specified and asked / seconds / specified,
            "extra_bytes": extra,
            "video_active": float(report["video_active"]) / sizes.entries,
            "text_active": float(report["text_active"]) / sizes.entries,
        }

    def _peak(self, config: RunConfig) -> float:
        kind = autocast_type(config, DEVICE) or torch.float32
        if kind not in self.peaks:
            self.peaks[kind] = measured_peak(DEVICE, kind)
        return self.peaks[kind]


def _compiles(name: str) -> bool:
    return VARIANTS.get(name, {}).get("engine.compile", False)


def _sizes(config: RunConfig, batch: Batch) -> Sizes:
    clips, frames = batch.video.shape[:2]
    return Sizes(
        clips=clips,
        frames=frames,
        tokens=batch.ids.shape[1],
        words=int(batch.mask.sum()),
        masked=len(batch.mlm_places),
        entries=len(kept_ids(config) or range(BERT_ENTRIES)),
    )
