"""The training objective (section 3.2 and 3.3, equations 9 to 15)."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class ObjectiveConfig:
    """Weights, temperatures and switches of every loss term."""

    nce: Literal["sum", "mean", "v2t", "t2v"] = "sum"
    """How the two directions of the contrastive loss combine (equation 10; Frozen: sum)."""
    latent_temperature: float = 0.05
    """tau of the latent branch; not in the paper (Frozen, MILES, LexLIP: 0.05)."""
    lexicon_temperature: float = 0.05
    """tau of the lexicon branch; not in the paper (LexLIP: 0.05)."""
    flops_weight: float = 1e-4
    """lambda_F of the FLOPs loss (section 4.1, equation 12)."""
    flops_input: Literal["raw", "normalised"] = "raw"
    """Activations before or after L2 normalisation (SPLADE: raw; LexLIP: normalised)."""
    flops_ramp: float = 0.0
    """Share of the run over which the FLOPs weight grows linearly from 0 (ours: 0.5 in `mini`)."""
    mlm: bool = True
    """Masked language modelling on the text in stage 2 (equation 11)."""
    mlm_ratio: float = 0.15
    """Share of tokens that are masked (section 4.1)."""
    mlm_weight: float = 1.0
    """Weight of the MLM term (implied by equation 13)."""
    distillation: bool = True
    """Self-distillation from latent to lexicon similarities (equation 14)."""
    distillation_temperature: float = 0.05
    """tau of both softmaxes in the distillation; not in the paper."""
    distillation_schedule: Literal["linear", "linear_per_epoch", "constant"] = "linear"
    """Weight falling from 1 to 0 over the run by step or by epoch (section 4.1), or kept at 1."""
    distillation_teacher: Literal["latent", "lexicon", "both"] = "latent"
    """Whose similarities are the soft labels; the paper's are the latent ones."""
    detach_teacher: bool = True
    """No gradient through the soft labels."""
