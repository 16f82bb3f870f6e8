"""`data.py prepare` as commands for a cluster: the shares of a corpus, then the whole."""

from collections.abc import Sequence

from experiments.options import without_launch_options
from experiments.remote import Command

MODULE = "experiments.data_prepare"


def commands(shards: int, workers: int, argv: Sequence[str]) -> list[Command]:
    """One for each share, and one that makes what they left and lists what is lost of the whole.

    Each share keeps its own list of lost clips: --failed names that of the whole.
    """
    keys = [f"share-{k}-of-{shards}" for k in range(1, shards + 1)] if shards > 1 else []
    rest = ("--workers", str(workers))
    share = (*without_launch_options(argv, "shards", "workers", "failed"), *rest)
    whole = (*without_launch_options(argv, "shards", "workers"), *rest)
    shares = [
        Command(
            key=key,
            module=MODULE,
            arguments=(*share, "--shard", f"{k}/{shards}"),
            resumable=True,
        )
        for k, key in enumerate(keys, 1)
    ]
    return [
        *shares,
        Command(key="whole", module=MODULE, arguments=whole, needs=frozenset(keys), resumable=True),
    ]
