"""Self-distillation between the branches' similarities (equation 14)."""

import torch.nn.functional as F
from torch import Tensor


def distillation(teacher: Tensor, student: Tensor, temperature: float) -> Tensor:
    """KL(teacher || student) of softmaxed similarities, mean over rows, both directions averaged.

    Args:
        teacher: (B, B) similarities that serve as soft labels.
        student: (B, B) similarities that are to follow.
        temperature: tau of both softmaxes.
    """
    return (_kl(teacher, student, temperature) + _kl(teacher.T, student.T, temperature)) / 2


def _kl(teacher: Tensor, student: Tensor, temperature: float) -> Tensor:
    target = (teacher / temperature).log_softmax(-1)
    guess = (student / temperature).log_softmax(-1)
    return F.kl_div(guess, target, log_target=True, reduction="batchmean")
