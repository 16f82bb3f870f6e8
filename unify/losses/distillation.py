"""Self-distillation between the branches' similarities (equation 14)."""

import torch.nn.functional as F
from torch import Tensor

from unify.losses.contrastive import Similarities


def distillation(teacher: Similarities, student: Similarities, temperature: float) -> Tensor:
    """KL(teacher || student) of softmaxed similarities, mean over rows, both directions averaged.

    Args:
        teacher: similarities that serve as soft labels.
        student: similarities that are to follow.
        temperature: tau of both softmaxes.
    """
    t2v = _divergence(teacher.t2v, student.t2v, temperature)
    return (t2v + _divergence(teacher.v2t, student.v2t, temperature)) / 2


def _divergence(teacher: Tensor, student: Tensor, temperature: float) -> Tensor:
    target = (teacher / temperature).log_softmax(-1)
    guess = (student / temperature).log_softmax(-1)
    return F.kl_div(guess, target, log_target=True, reduction="batchmean")
