"""How the encoders' blocks run while they are trained."""

import torch._dynamo
from torch import nn

from unify.config import EngineConfig
from unify.models.stream import Blocks

VARIANTS = 64
"""Of a block that may be compiled, by stage, gradients, [CLS] alone, frames and lengths: an
ordinary run has more than the 8 after which torch would stop compiling."""


def prepare_blocks(model: nn.Module, config: EngineConfig) -> None:
    """Compile each block, or have it computed once more in the backward pass, as asked for.

    Blocks of a kind share what is compiled; names of parameters stay as they are.
    """
    for run in model.modules():
        if isinstance(run, Blocks):
            run.recompute = config.recompute
            if config.compile:
                torch._dynamo.config.recompile_limit = VARIANTS
                for block in run.blocks:
                    block.compile()
