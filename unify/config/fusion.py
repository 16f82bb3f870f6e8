"""An evaluation that trains nothing: two finished trainings, one similarity (equation 9)."""

from dataclasses import dataclass, field

from unify.config.data import DataConfig
from unify.config.run import EvaluationConfig, RunConfig
from unify.config.world import WorldConfig


@dataclass(frozen=True, kw_only=True)
class FusionConfig:
    """The latent branch of one training fused with the lexicon branch of another or the same.

    Two trainings make two separate dual encoders (Table 4 A); one training is evaluated again, at
    another fusion ratio say.
    """

    latent: RunConfig
    """The training whose latent branch is used."""
    lexicon: RunConfig
    """The training whose lexicon branch is used."""
    evaluation: EvaluationConfig = field(default_factory=EvaluationConfig)
    """Test sets and the fusion ratio; those of the trainings are not used."""

    @property
    def seed(self) -> int:
        """Seed of both trainings."""
        return self.latent.seed

    @property
    def world(self) -> WorldConfig | None:
        """The miniature world of both trainings."""
        return self.latent.world

    @property
    def data(self) -> DataConfig:
        """Where the corpora lie."""
        return self.latent.data
