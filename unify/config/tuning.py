"""How a pre-trained run is fine-tuned on one corpus; on all of this the paper is silent."""

from dataclasses import dataclass, field

from unify.config.plan import PlanConfig


@dataclass(frozen=True, kw_only=True)
class TuningConfig:
    """What fine-tuning does otherwise than pre-training."""

    plan: PlanConfig = field(
        default_factory=lambda: PlanConfig(
            epochs=20, grounding_epochs=0.0, batch_size=128, learning_rate=3e-5
        )
    )
    """Length, rate and optimiser, all of it in stage 2. Frozen, Region_Learner: AdamW at 3e-5,
    batches of 16 a GPU, up to 100 epochs with early stopping."""
    distillation: bool = False
    """Self-distillation; off, as its weight has reached 0 when pre-training ends."""
    split: str = "train"
    """Training split: `train_7k` of MSR-VTT is that of ClipBERT and ALPRO, `train` its 9k."""
    held_out: int = 500
    """Training clips held out for validation where the corpus has no validation split (MSR-VTT
    1k-A, whose 9,000 training clips hold the official one). The lineage validates on the test
    set; here it never is looked at."""
    validation_clips: int = 1000
    """At most so many clips of a validation split are used, evenly spread over it."""
    validation_epochs: int = 1
    """Epochs from one validation to the next; the weights with the best R@1 are kept."""
