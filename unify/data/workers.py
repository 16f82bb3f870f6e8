"""Processes that decode: they end when their parent wants, not by a signal to the whole job."""

from collections.abc import Iterator
from typing import Any

from torch.utils.data import DataLoader, Dataset

from unify.interruption import obey_parent, shielded


def loaded(dataset: Dataset, workers: int, **settings: Any) -> Iterator[Any]:
    """What PyTorch's loader makes of a data set, with so many processes, or here with none."""
    if not workers:
        return iter(DataLoader(dataset, **settings))
    with shielded():
        return iter(
            DataLoader(
                dataset,
                num_workers=workers,
                multiprocessing_context="spawn",
                worker_init_fn=obey_parent,
                **settings,
            )
        )
