"""Which of BERT's 30,522 word pieces a model keeps; entries keep their BERT ids."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

BERT_ENTRIES = 30522
UNKNOWN_ID = 100
"""[UNK]: what an id outside the kept entries is read as."""


class Vocabulary(nn.Module):
    """Maps BERT ids to the rows of the embedding table, and rows back to ids."""

    ids: Tensor
    rows: Tensor

    def __init__(self, ids: Sequence[int] | None = None) -> None:
        """Keep the entries with these ascending BERT ids, or all."""
        super().__init__()
        kept = torch.arange(BERT_ENTRIES) if ids is None else torch.tensor(sorted(ids))
        rows = torch.full((BERT_ENTRIES,), int((kept == UNKNOWN_ID).nonzero()))
        rows[kept] = torch.arange(len(kept))
        self.register_buffer("ids", kept)
        self.register_buffer("rows", rows)

    def __len__(self) -> int:
        return len(self.ids)
