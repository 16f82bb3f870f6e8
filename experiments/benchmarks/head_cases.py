"""What the lexicon head is measured on, and the rows that come of it."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import torch

from experiments.benchmarks.head_check import largest_error, truth, without_doubt
from experiments.benchmarks.head_inputs import (
    Best,
    Inputs,
    Size,
    best_tokens,
    make_inputs,
    shifted,
    won_by_busy,
)
from experiments.benchmarks.head_pass import FLOOR, Pass, backward_floor, bare_product
from experiments.benchmarks.heads import PACKAGE, contestants
from experiments.benchmarks.measuring import alternate, copy_bandwidth
from experiments.benchmarks.record import Row
from unify.training.device import choose_device

SHORT = ("ours", "plain")
"""Contestants of cases where time is short."""
PARTS = ("forward", "backward")
USED = 355
"""Words that occur in the miniature world's captions."""


@dataclass(frozen=True)
class Case:
    """One table."""

    size: Size
    share: float
    """Of the (clip, word) pairs, above zero."""
    skewed: bool = False
    """Whether a few tokens win most words."""
    frozen: bool = False
    """Whether weight and bias get no gradient, as in stage 1."""
    short: bool = False
    """Whether only ours and plain take part."""


def cases(on_cuda: bool, clips: int | None, words: int) -> list[Case]:
    """All of them on CUDA; on a CPU the slow contestants once for each size."""
    paper = Size(
        name="paper",
        clips=clips or (64 if on_cuda else 4),
        tokens=785,
        width=768,
        words=words,
        checked=4 if on_cuda else 1,
    )
    mini = Size(name="mini", clips=32, tokens=65, width=64, words=words, checked=8)
    used = replace(mini, name="mini, used words", words=min(words, USED), checked=32, rounds=10)
    if on_cuda:
        return [case for size in (paper, mini, used) for case in _all(size)]
    return [
        *(Case(paper, 1.0), Case(paper, 0.03, short=True)),
        *(Case(mini, 1.0), *(replace(case, short=True) for case in _all(mini)[1:])),
        *_all(used),
    ]


def _all(size: Size) -> list[Case]:
    shares = [Case(size, share) for share in (1.0, 0.1, 0.03)]
    return [*shares, Case(size, 0.1, skewed=True), Case(size, 1.0, frozen=True)]


class Bench:
    """The device, and what was measured of it."""

    def __init__(self, repeats: int | None) -> None:
        self.device = choose_device()
        self.on_cuda = self.device.type == "cuda"
        self.name = torch.cuda.get_device_name(self.device) if self.on_cuda else "cpu"
        self.repeats = repeats or (20 if self.on_cuda else 2)
        self.dtype = torch.bfloat16 if self.on_cuda else torch.float32
        self.bandwidth = copy_bandwidth(self.device)
        self._contestants = contestants(self.on_cuda)
        self._inputs = lru_cache(maxsize=1)(self._make_inputs)

    @property
    def sizes(self) -> dict[str, Any]:
        """What all rows have in common."""
        return {
            "dtype": str(self.dtype).removeprefix("torch."),
            "repeats": self.repeats,
            "threads": torch.get_num_threads(),
            "copy_bytes_per_second": self.bandwidth,
        }

    def rows(self, case: Case) -> list[Row]:
        """A row for each contestant, checked and measured, and one for the floor.

        Raises:
            ValueError: where a contestant is wrong.
        """
        raw, best = self._inputs(case.size, case.skewed)
        inputs = shifted(raw, best, case.share)
        chosen = [c for c in self._contestants if c.name in SHORT or not case.short]
        passes = [Pass(c, inputs, case.frozen) for c in chosen if c.head]
        errors = self._errors(passes, case, best.after(raw.bias, inputs.bias))
        times = self._times(passes, inputs, self.repeats * case.size.rounds)
        active = passes[0].active
        times[FLOOR, "backward"] = backward_floor(
            inputs, active, self.bandwidth, frozen=case.frozen
        )
        common = _common(case, active, won_by_busy(best))
        missing = [c.name for c in chosen if not c.head]
        return [
            *(_row(common, one.name, times) | _noted(one, errors) for one in passes),
            _row(common, FLOOR, times),
            *(common | {"head": name, "note": f"{PACKAGE} is not installed"} for name in missing),
        ]

    def _make_inputs(self, size: Size, skewed: bool) -> tuple[Inputs, Best]:
        inputs = make_inputs(size, skewed=skewed, dtype=self.dtype, device=self.device)
        return inputs, best_tokens(inputs.first(size.checked))

    def _errors(self, passes: list[Pass], case: Case, best: Best) -> dict[str, float]:
        """Contestant -> its error; all are warm then."""
        where = f"{case.size.name}, {case.share:.0%} active"
        inputs = without_doubt(passes[0].inputs.first(case.size.checked), best)
        expected = truth(inputs, best)
        errors = {}
        for one in passes:
            errors[one.name] = largest_error(replace(one, inputs=inputs), expected, where)
            if self.on_cuda:  # compiles for these sizes
                one.results()
        return errors

    def _times(
        self, passes: list[Pass], inputs: Inputs, repeats: int
    ) -> dict[tuple[str, str], float]:
        """(Contestant, pass) -> median seconds; of the floor the forward alone."""
        named = {one.name: one for one in passes}
        calls = {(name, part): getattr(one, part) for name, one in named.items() for part in PARTS}
        calls[FLOOR, "forward"] = bare_product(inputs)

        def around(key: tuple[str, str]) -> AbstractContextManager:
            name, part = key
            return named[name].observed(part) if name in named else nullcontext()

        return alternate(calls, repeats, self.device, around)


def _common(case: Case, active: int, won: float) -> Row:
    size = case.size
    return {
        "size": size.name,
        "clips": size.clips,
        "tokens": size.tokens,
        "width": size.width,
        "words": size.words,
        "wanted": case.share,
        "active": active / (size.clips * size.words),
        "skewed": case.skewed,
        "won": won,
        "frozen": case.frozen,
    }


def _row(common: Row, name: str, times: dict[tuple[str, str], float]) -> Row:
    forward, backward = (1000 * times[name, part] for part in PARTS)
    both = forward + backward
    return common | {"head": name, "forward_ms": forward, "backward_ms": backward, "ms": both}


def _noted(one: Pass, errors: dict[str, float]) -> Row:
    return {"extra_bytes": one.extra_bytes, "error": errors[one.name]}
