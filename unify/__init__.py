"""UNIFY: latent and lexicon representations for video-text retrieval."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from unify.systems.unify import Unify


def load(run_dir: Path | str) -> "Unify":
    """The trained model of a finished run, ready to encode; DeepSpeed is not needed for it.

    Args:
        run_dir: directory with `config.json` and `model.safetensors`.

    Raises:
        ValueError: if the run is not finished, its weights are damaged, or it trained no UNIFY.
    """
    from unify.records import RunDirectory
    from unify.systems.trained import load_model  # torch: only once a model is wanted

    return load_model(RunDirectory(run_dir))
