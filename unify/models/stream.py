"""One modality: embeddings and a stem of N shared blocks, then a branch per representation."""

from collections.abc import Callable, Collection
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint


class Blocks(nn.Module):
    """A run of blocks, and the norm that ends an encoder."""

    def __init__(self, blocks: list[nn.Module], norm: nn.Module | None = None) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(blocks)
        self.norm = norm or nn.Identity()
        self.recompute = False
        """Keep each block's input alone, and compute the block once more in the backward pass."""

    def forward(self, x: Tensor, context: Any, cls_alone: bool = False) -> Tensor:
        """Tokens to tokens; `context` is what the modality's blocks need beside them.

        With `cls_alone` the last block gives [CLS] alone, (B, 1, D), without the others' MLP.
        """
        last = len(self.blocks) - 1
        twice = self.recompute and torch.is_grad_enabled()
        for place, block in enumerate(self.blocks):
            inputs = (x, context, cls_alone and place == last)
            x = checkpoint(block, *inputs, use_reentrant=False) if twice else block(*inputs)
        return self.norm(x)


class Stream(nn.Module):
    """Stem and branches of one modality (section 3.1, equations 1 and 2)."""

    def __init__(
        self,
        embeddings: nn.Module,
        make_block: Callable[[], nn.Module],
        make_norm: Callable[[], nn.Module],
        *,
        depth: int,
        stem_depth: int,
        branches: tuple[str, ...],
    ) -> None:
        """Build `stem_depth` shared blocks and `depth - stem_depth` blocks for each branch.

        The encoder's last norm belongs to its last block: to each branch, or to the stem where
        branches have no block of their own (N = depth), which leaves only the heads apart.
        """
        super().__init__()
        own = depth - stem_depth
        self.embeddings = embeddings
        self.stem = Blocks([make_block() for _ in range(stem_depth)], None if own else make_norm())
        self.branches = nn.ModuleDict(
            {
                name: Blocks([make_block() for _ in range(own)], make_norm() if own else None)
                for name in branches
            }
        )

    def forward(
        self, inputs: Any, only: str | None = None, cls_alone: Collection[str] = ()
    ) -> dict[str, Tensor]:
        """The last hidden states (B, N, D) of each branch, or of `only` one.

        Branches in `cls_alone` need give no more than [CLS], the first of their hidden states.
        """
        x, context = self.embeddings(inputs)
        x = self.stem(x, context)
        found = {}
        for name in self.branches if only is None else (only,):
            hidden = self.branches[name](x, context, name in cls_alone)
            found[name] = self.finish(hidden, context)
        return found

    def finish(self, x: Tensor, context: Any) -> Tensor:
        """Hidden states as the last block leaves them -> (B, N, D)."""
        return x
