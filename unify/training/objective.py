"""UNIFY's training objective: every term, by step (equations 9 to 15)."""

import torch
from torch import Tensor, nn

from unify.config import ObjectiveConfig
from unify.data.loader import Batch
from unify.losses.contrastive import cosine, info_nce
from unify.losses.distillation import distillation
from unify.losses.flops import flops
from unify.losses.mlm import masked_word_loss
from unify.systems.unify import Representations, Unify
from unify.training.distributed import gather, total, world_size
from unify.training.plan import Plan

Terms = dict[str, Tensor]


class UnifyObjective(nn.Module):
    """`loss, report = objective(batch, step)`: the model, its losses, and what the step changes.

    Representations of all processes are gathered, so that W processes have the losses and
    gradients of one process on the same global batch.
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
        """The loss; and every term without its weight, the weights, and the lexicon's activity."""
        device = batch.ids.device.type
        with torch.autocast(device, self.autocast, enabled=self.autocast is not None):
            video = _gathered(self.model.encode_video(batch.video))
            text = _gathered(self.model.encode_text(batch.ids, batch.mask))
            masked = self._masked_words(batch) if self._masks_words(step) else None
        terms = similarity_terms(video, text, self.config, self.plan, step)
        if masked is not None:
            terms["mlm"] = masked
        weights = self.weights(step)
        loss = torch.stack([weights.get(name, 1.0) * term for name, term in terms.items()]).sum()
        shown = {f"{name}_weight": torch.tensor(w) for name, w in weights.items() if name in terms}
        return loss, {"loss": loss.detach(), **_report(terms, video, text), **shown}

    def weights(self, step: int) -> dict[str, float]:
        """Weights of the terms that have one; the contrastive ones count in full."""
        return {
            "flops": self.plan.flops_weight(step),
            "distillation": self.plan.distillation_weight(step),
            "mlm": self.config.mlm_weight,
        }

    def _masks_words(self, step: int) -> bool:
        return self.plan.masks_words(step) and self.model.config.branches != "latent"

    def _masked_words(self, batch: Batch) -> Tensor:
        """Mean MLM loss over the masked words of all processes; its gradient is this process's
        share, scaled by W as the engine averages over processes."""
        chosen = batch.mlm_labels >= 0
        scores = self.model.masked_scores(batch.masked_ids, batch.mask, chosen)
        own = masked_word_loss(scores, self.model.vocabulary.rows[batch.mlm_labels[chosen]])
        count = total(chosen.sum()).clamp(min=1)
        share = own * world_size() / count
        return share + (total(own) / count - share.detach())


def similarity_terms(
    video: Representations, text: Representations, config: ObjectiveConfig, plan: Plan, step: int
) -> Terms:
    """The terms over representations of the whole batch, by name and without their weights."""
    terms: Terms = {}
    latent = lexicon = None
    if video.latent is not None:
        latent = cosine(text.latent, video.latent)
        terms["latent_nce"] = info_nce(latent, config.latent_temperature, config.nce)
    if video.lexicon is not None:
        lexicon = cosine(text.lexicon, video.lexicon)
        terms["lexicon_nce"] = info_nce(lexicon, config.lexicon_temperature, config.nce)
        normalised = config.flops_input == "normalised"
        terms["flops"] = flops(video.lexicon, normalised) + flops(text.lexicon, normalised)
    if latent is not None and lexicon is not None and plan.distillation_weight(step):
        terms["distillation"] = self_distillation(latent, lexicon, config)
    return terms


def self_distillation(latent: Tensor, lexicon: Tensor, config: ObjectiveConfig) -> Tensor:
    """Equation 14 with the chosen teacher; `both` averages the two directions of teaching."""

    def soft(labels: Tensor) -> Tensor:
        return labels.detach() if config.detach_teacher else labels

    tau = config.distillation_temperature
    from_latent = distillation(soft(latent), lexicon, tau)
    if config.distillation_teacher == "latent":
        return from_latent
    from_lexicon = distillation(soft(lexicon), latent, tau)
    if config.distillation_teacher == "lexicon":
        return from_lexicon
    return (from_latent + from_lexicon) / 2


def _gathered(own: Representations) -> Representations:
    return Representations(gather(own.latent), gather(own.lexicon))


def _report(terms: Terms, video: Representations, text: Representations) -> Terms:
    report = {name: term.detach() for name, term in terms.items()}
    for side, representations in (("video", video), ("text", text)):
        if representations.lexicon is not None:
            active = (representations.lexicon.detach() > 0).sum(1)
            report[f"{side}_active"] = active.float().mean()
            report[f"{side}_zero_share"] = (active == 0).float().mean()
    return report
