"""Parameter groups: what decays, what is a head, what stage 1 freezes.

The layout is the same in both stages: ZeRO-2 silently never trains a parameter that was frozen when
the engine was made, so freezing is a matter of rates and states (`engine.py`), not of groups.
"""

from collections.abc import Iterable
from itertools import product

from torch import nn


def parameter_groups(
    model: nn.Module,
    *,
    grounded: Iterable[nn.Parameter] = (),
    heads: Iterable[nn.Parameter] = (),
    head_scale: float = 1.0,
    weight_decay: float,
) -> list[dict]:
    """Groups for AdamW, with their own keys `scale` (of the rate) and `grounded`.

    Args:
        model: whose parameters to group; tied ones count once.
        grounded: those that stage 1 freezes.
        heads: those whose rate is scaled.
        head_scale: by how much.
        weight_decay: for matrices; biases, norms and other vectors have none.
    """
    grounded_ids = {id(p) for p in grounded}
    head_ids = {id(p) for p in heads}
    groups = []
    for is_grounded, is_head, decays in product((False, True), repeat=3):
        chosen = [
            p
            for p in model.parameters()
            if (id(p) in grounded_ids, id(p) in head_ids, p.squeeze().ndim >= 2)
            == (is_grounded, is_head, decays)
        ]
        if chosen:
            groups.append(
                {
                    "params": chosen,
                    "weight_decay": weight_decay if decays else 0.0,
                    "scale": head_scale if is_head else 1.0,
                    "grounded": is_grounded,
                }
            )
    return groups
