"""The text warm start: a tiny BERT that knows the miniature world's words (ours, for `mini`).

MLM alone leaves most nouns inactive in the lexicon, as nothing in a caption tells which noun is
hidden; copying the words that are not hidden makes every word of a caption active.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import BertForMaskedLM

from unify.checksum import Checksum
from unify.config import TextRecipe, WarmStartConfig
from unify.data.corpora import load_corpus, load_wordings
from unify.data.tokens import IGNORED, SPECIAL, mask_tokens, shared_tokenizer, used_entries
from unify.losses.contrastive import Similarities, cosine, info_nce
from unify.models.text import bert_config
from unify.models.vocabulary import Vocabulary
from unify.systems.weights import write_weights


@dataclass(frozen=True)
class TextBatch:
    """Captions in pairs of wordings: rows k and k + B / 2 tell the same story."""

    ids: Tensor
    """(B, L) rows of the vocabulary kept."""
    masked_ids: Tensor
    """(B, L), some words replaced."""
    hidden: Tensor
    """(B, L), true where a word was chosen to be guessed."""
    words: Tensor
    """(B, L), true on words, false on [CLS], [SEP] and padding."""
    mask: Tensor
    """(B, L), true on tokens."""


class TextObjective(nn.Module):
    """MLM, copying, recognising a rewording, and naming the caption's words from [CLS]."""

    def __init__(self, bert: BertForMaskedLM, recipe: TextRecipe) -> None:
        super().__init__()
        self.bert = bert
        self.recipe = recipe
        self.rewording = nn.Linear(bert.config.hidden_size, bert.config.hidden_size)

    def forward(self, batch: TextBatch, step: int) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss and its terms."""
        encoded = self.bert.bert(batch.masked_ids, attention_mask=batch.mask.long())
        hidden = encoded.last_hidden_state
        scores = self.bert.cls(hidden)
        copied = batch.words & ~batch.hidden
        terms = {
            "mlm": _word_loss(scores, batch.ids, batch.hidden),
            "copy": self.recipe.copy_weight * _word_loss(scores, batch.ids, copied),
            "rewording": self.recipe.rewording_weight * self._rewording_loss(hidden[:, 0]),
            "bag": self.recipe.bag_weight * _bag_loss(scores[:, 0], batch),
        }
        loss = torch.stack(list(terms.values())).sum()
        report = {name: term.detach() for name, term in terms.items()}
        return loss, {"loss": loss.detach(), **report, "active_words": _active(scores, batch)}

    def _rewording_loss(self, summary: Tensor) -> Tensor:
        first, second = self.rewording(summary).chunk(2)
        similarities = Similarities.of_batch(cosine(first, second))
        return info_nce(similarities, self.recipe.rewording_temperature, "mean")


class TextWarmStart:
    """The task: pairs of wordings, a tiny BERT, one stage."""

    def __init__(self, config: WarmStartConfig, device: torch.device) -> None:
        root = Path(config.root)
        self.config = config
        self.device = device
        self.wordings = load_wordings(root)
        self.vocabulary = Vocabulary(world_entries(root, self.wordings))
        self.objective = TextObjective(make_bert(config, len(self.vocabulary)), config.recipe)
        self.objective.to(device)

    def batch(self, step: int) -> TextBatch:
        """The batch of a step, a pure function of seed and step."""
        rng = np.random.default_rng((self.config.seed, step))
        chosen = rng.choice(len(self.wordings), self.config.recipe.batch_size // 2, replace=False)
        texts = [self.wordings[k][side] for side in (0, 1) for k in chosen]
        ids, mask = shared_tokenizer().encode(texts, self.config.max_tokens)
        kept = self.vocabulary.ids.tolist()
        masked, labels = mask_tokens(ids, rng, self.config.recipe.mlm_ratio, kept)
        words = ~torch.isin(ids, torch.tensor(SPECIAL))
        rows = self.vocabulary.rows
        parts = (rows[ids], rows[masked], labels != IGNORED, words, mask)
        return TextBatch(*(part.to(self.device) for part in parts))

    def save(self, path: Path) -> Checksum:
        """Write the BERT as transformers names it, with the BERT ids of its rows."""
        return write_weights(self.objective.bert.state_dict(), path, self.vocabulary.ids)


def world_entries(root: Path, wordings: Sequence[tuple[str, str]]) -> list[int]:
    """BERT ids of every word piece that a training text of the miniature world uses."""
    corpora = [load_corpus(name, "train", root) for name in ("webvid2m", "cc3m")]
    captions = [text for examples in corpora for e in examples for text in e.captions]
    return used_entries([*captions, *(text for pair in wordings for text in pair)])


def make_bert(config: WarmStartConfig, entries: int) -> BertForMaskedLM:
    """A BERT with MLM head of the config's sizes; random weights scaled to its width."""
    sizes = bert_config(config.encoder, entries)
    sizes.num_hidden_layers = config.depth
    bert = BertForMaskedLM(sizes)
    nn.init.constant_(bert.cls.predictions.bias, config.head_bias)
    return bert


def _word_loss(scores: Tensor, ids: Tensor, chosen: Tensor) -> Tensor:
    total = F.cross_entropy(scores[chosen], ids[chosen], reduction="sum")
    return total / chosen.sum().clamp(min=1)


def _bag_loss(scores: Tensor, batch: TextBatch) -> Tensor:
    named = scores.log_softmax(-1).gather(1, batch.ids)
    return -(named * batch.words).sum() / batch.words.sum()


def _active(scores: Tensor, batch: TextBatch) -> Tensor:
    """Share of the visible words whose own lexicon score is above zero."""
    visible = batch.words & ~batch.hidden
    own = scores.detach()[visible].gather(1, batch.ids[visible][:, None])
    return (own > 0).float().mean()
