"""The training plan: stages, schedule and optimiser (sections 3.2 and 4.1)."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class PlanConfig:
    """Length, two-stage grounding, learning rate and AdamW."""

    epochs: int = 10
    """Epochs of the whole run (section 4.1)."""
    epoch_steps: int | None = None
    """Optimiser steps of one epoch; None: one pass over the longest corpus, all in turn."""
    grounding_epochs: float = 3.0
    """Length of stage 1, in which the lexicon text branch is frozen and there is no MLM
    (section 4.1); 0 trains everything from the start (Table 5 without freezing)."""
    freeze_latent_text_blocks: bool = False
    """Also freeze the latent text blocks in stage 1."""
    freeze_lexicon_head: bool = True
    """Freeze the MLM head in stage 1 with the lexicon text branch."""
    batch_size: int = 512
    """Pairs per optimiser step over all processes (section 4.1)."""
    learning_rate: float = 1e-4
    """Peak learning rate (section 4.1)."""
    head_scale: float = 1.0
    """Factor on the rate of the latent heads and the video adapter (ours: 5 in `mini`)."""
    warmup_epochs: float = 1.0
    """Linear warm-up (section 4.1)."""
    schedule: Literal["cosine", "hold_then_decay"] = "cosine"
    """After the warm-up: cosine to zero (section 4.1), or hold and then fall linearly to zero
    (ours: takes off far more reliably in `mini`)."""
    decay_share: float = 0.35
    """Last share of the run in which `hold_then_decay` decays."""
    weight_decay: float = 0.05
    """AdamW's decay (section 4.1); none on biases, norms and one-dimensional parameters."""
    betas: tuple[float, float] = (0.9, 0.999)
    """AdamW's moment decays."""
    clip_norm: float = 1.0
    """Gradient norm above which the gradient is scaled down; 0 turns clipping off."""
