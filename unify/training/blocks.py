"""How the encoders' blocks run while they are trained."""

from torch import nn

from unify.config import EngineConfig
from unify.models.stream import Blocks


def prepare_blocks(model: nn.Module, config: EngineConfig) -> None:
    """Compile each block, or have it computed once more in the backward pass, as asked for.

    Blocks of a kind share what is compiled; names of parameters stay as they are.
    """
    for run in model.modules():
        if isinstance(run, Blocks):
            run.recompute = config.recompute
            if config.compile:
                for block in run.blocks:
                    block.compile()
