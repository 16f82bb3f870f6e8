"""UNIFY's training objective: every term, by step (equations 9 to 15)."""

import torch
from torch import Tensor, nn

from unify.config import ObjectiveConfig
from unify.data.loader import Batch
from unify.losses.contrastive import Similarities, info_nce, unit
from unify.losses.distillation import distillation
from unify.losses.flops import flops, mean_activation
from unify.losses.mlm import masked_word_loss
from unify.models.text import Captions
from unify.systems.unify import Representations, Unify
from unify.training.distributed import gather, mean, rank, total, world_size
from unify.training.plan import Plan

Terms = dict[str, Tensor]


class UnifyObjective(nn.Module):
    """`loss, report = objective(batch, step)`: the model, its losses, and what the step changes.

    Each of W processes compares its own rows with those of all, so that the mean of their losses,
    and the mean of their gradients, are those of one process on the same global batch, but for
    rounding: under autocast rows are sent in its type.
    """

    def __init__(
        self, model: Unify, config: ObjectiveConfig, plan: Plan, autocast: torch.dtype | None
    ) -> None:
        super().__init__()
        self.model = model
        self.config = config
        self.plan = plan
        self.autocast = autocast

    def forward(self, batch: Batch, step: int) -> tuple[Tensor, Terms]:
        """This process's loss; and as means over processes the loss, every term without its weight
        and the lexicon's activity, and the weights."""
        device = batch.ids.device.type
        with torch.autocast(device, self.autocast, enabled=self.autocast is not None):
            video = self.model.encode_video(batch.video)
            text = self.model.encode_text(batch.ids, batch.mask, batch.places)
            masked = self._masked_words(batch) if self._masks_words(step) else None
        terms = self.similarity_terms(video, text, step)
        if masked is not None:
            terms["mlm"] = masked
        weights = self.weights(step)
        loss = torch.stack([weights.get(name, 1.0) * term for name, term in terms.items()]).sum()
        shown = {f"{name}_weight": torch.tensor(w) for name, w in weights.items() if name in terms}
        return loss, {**_means({"loss": loss, **terms, **_activity(video, text)}), **shown}

    def weights(self, step: int) -> dict[str, float]:
        """Weights of the terms that have one; the contrastive ones count in full."""
        return {
            "flops": self.plan.flops_weight(step),
            "distillation": self.plan.distillation_weight(step),
            "mlm": self.config.mlm_weight,
        }

    def similarity_terms(self, video: Representations, text: Representations, step: int) -> Terms:
        """The terms over this process's representations, by name and without their weights."""
        terms: Terms = {}
        config, latent, lexicon = self.config, None, None
        if video.latent is not None:
            latent = self._similarities(text.latent, video.latent)
            terms["latent_nce"] = info_nce(latent, config.latent_temperature, config.nce)
        if video.lexicon is not None:
            lexicon = self._similarities(text.lexicon, video.lexicon)
            terms["lexicon_nce"] = info_nce(lexicon, config.lexicon_temperature, config.nce)
            terms["flops"] = self._flops(video.lexicon) + self._flops(text.lexicon)
        if latent is not None and lexicon is not None and self.plan.distillation_weight(step):
            terms["distillation"] = self_distillation(latent, lexicon, config)
        return terms

    def _similarities(self, text: Tensor, video: Tensor) -> Similarities:
        """Cosines to all processes' rows, which are sent in the type of autocast."""
        text, video = unit(text), unit(video)
        t2v = text @ gather(video, self.autocast).T
        v2t = video @ gather(text, self.autocast).T
        return Similarities(t2v, v2t, first=rank() * len(text))

    def _flops(self, lexicon: Tensor) -> Tensor:
        return flops(mean(mean_activation(lexicon, self.config.flops_input == "normalised")))

    def _masks_words(self, step: int) -> bool:
        return self.plan.masks_words(step) and self.model.config.branches != "latent"

    def _masked_words(self, batch: Batch) -> Tensor:
        """This process's share of the mean over the masked words of all, times W."""
        captions = Captions(batch.masked_ids, batch.mask, batch.places)
        scores = self.model.masked_scores(captions, batch.mlm_places)
        own = masked_word_loss(scores, self.model.vocabulary.rows[batch.mlm_words])
        count = total(scores.new_full((), len(scores), dtype=torch.int64)).clamp(min=1)
        return own * world_size() / count


def self_distillation(
    latent: Similarities, lexicon: Similarities, config: ObjectiveConfig
) -> Tensor:
    """Equation 14 with the chosen teacher; `both` averages the two directions of teaching."""

    def soft(labels: Similarities) -> Similarities:
        if not config.detach_teacher:
            return labels
        return labels._replace(t2v=labels.t2v.detach(), v2t=labels.v2t.detach())

    tau = config.distillation_temperature
    from_latent = distillation(soft(latent), lexicon, tau)
    if config.distillation_teacher == "latent":
        return from_latent
    from_lexicon = distillation(soft(lexicon), latent, tau)
    if config.distillation_teacher == "lexicon":
        return from_lexicon
    return (from_latent + from_lexicon) / 2


def _activity(video: Representations, text: Representations) -> Terms:
    """Words above zero, and the share of rows without any."""
    found = {}
    for side, representations in (("video", video), ("text", text)):
        if representations.lexicon is not None:
            active = (representations.lexicon.detach() > 0).sum(1)
            found[f"{side}_active"] = active.float().mean()
            found[f"{side}_zero_share"] = (active == 0).float().mean()
    return found


def _means(values: Terms) -> Terms:
    """Over processes, without gradients."""
    means = mean(torch.stack([value.detach() for value in values.values()]))
    return dict(zip(values, means.unbind(), strict=True))
