"""The text stream with the lexicon head against transformers' BERT, in float64."""

import pytest
import torch
from tiny import DEPTH, ENTRIES, captions, model_config, randomise
from transformers import BertForMaskedLM

from unify.data.tokens import token_places
from unify.models.text import Captions, TextBlock, bert_config
from unify.models.vocabulary import BERT_ENTRIES, Vocabulary
from unify.systems.unify import Unify
from unify.systems.weights import load_bert

EXACT = {"rtol": 1e-10, "atol": 1e-10}
"""Same operations in float64, in another order at most."""


def random_bert(entries):
    sizes = bert_config(model_config().text, entries)
    sizes.num_hidden_layers = DEPTH
    bert = BertForMaskedLM(sizes).double().eval()
    randomise(bert)
    return bert


def unify_from(bert, ids=None, kept=ENTRIES, **config):
    model = Unify(model_config(**config), kept).double().eval()
    load_bert(model, bert.state_dict(), ids)
    return model


@pytest.mark.parametrize("stem_depth", range(DEPTH + 1))
def test_both_branches_equal_bert_on_padded_captions_at_every_stem_depth(stem_depth, seed):
    bert = random_bert(len(ENTRIES))
    model = unify_from(bert, ENTRIES, stem_depth=stem_depth)
    ids, mask = captions(5)
    rows = model.vocabulary.rows[ids]
    expected = bert(input_ids=rows, attention_mask=mask.long()).logits
    for hidden in model.text((ids, mask)).values():
        torch.testing.assert_close(model.lexicon_head(hidden)[mask], expected[mask], **EXACT)
    chosen = mask & (torch.rand(mask.shape) < 0.4)
    scores = model.masked_scores(Captions(ids, mask), token_places(chosen))
    torch.testing.assert_close(scores, expected[chosen], **EXACT)


def test_the_lexicon_of_a_caption_is_the_pooled_output_of_bert(seed):
    bert = random_bert(len(ENTRIES))
    model = unify_from(bert, ENTRIES)
    ids, mask = captions(5)
    logits = bert(input_ids=model.vocabulary.rows[ids], attention_mask=mask.long()).logits
    expected = torch.stack(
        [row[real].clamp(min=0).log1p().amax(0) for row, real in zip(logits, mask, strict=True)]
    )
    # pooling ends in float32
    torch.testing.assert_close(model.encode_text(ids, mask).lexicon, expected.float())


@pytest.mark.parametrize("kept", [None, ENTRIES, ENTRIES[::-1]])
def test_word_pieces_keep_their_bert_ids_whatever_the_model_keeps(kept, seed):
    bert = random_bert(BERT_ENTRIES)
    model = unify_from(bert, None, kept)
    ids, mask = captions(3)
    expected = bert(input_ids=ids, attention_mask=mask.long()).logits
    scores = model.masked_scores(Captions(ids, mask), token_places(mask))
    torch.testing.assert_close(scores, expected[mask][:, model.vocabulary.ids], **EXACT)


def test_a_state_without_the_prefix_bert_is_the_same(seed):
    bert = random_bert(len(ENTRIES))
    plain = {name.removeprefix("bert."): value for name, value in bert.state_dict().items()}
    model, other = (Unify(model_config(), ENTRIES).double() for _ in range(2))
    load_bert(model, bert.state_dict(), ENTRIES)
    load_bert(other, plain, ENTRIES)
    for name, value in other.text.state_dict().items():
        assert torch.equal(value, model.text.state_dict()[name]), name


def test_padding_changes_nothing(seed):
    model = Unify(model_config(), ENTRIES).double().eval()
    randomise(model)
    ids, mask = captions(1, length=6)
    longer = torch.cat([ids, torch.zeros_like(ids)], dim=1)
    short, long = model.encode_text(ids, mask), model.encode_text(longer, longer != 0)
    torch.testing.assert_close(long.latent, short.latent, **EXACT)
    torch.testing.assert_close(long.lexicon, short.lexicon)


def test_attention_drops_out_while_training_alone(seed):
    model = Unify(model_config(text={"dropout": 0.5}), ENTRIES)
    randomise(model)
    text = captions(4)
    for part in model.modules():
        if isinstance(part, torch.nn.Dropout):
            part.p = 0.0
    for block in model.text.modules():
        if isinstance(block, TextBlock):
            block.attention.self.dropout.p = 0.5
    plain = model.eval().encode_text(*text).latent
    assert torch.equal(model.encode_text(*text).latent, plain)
    assert not torch.allclose(model.train().encode_text(*text).latent, plain)


def test_ids_outside_the_kept_entries_are_read_as_unknown():
    vocabulary = Vocabulary(ENTRIES)
    assert len(vocabulary) == len(ENTRIES)
    kept = vocabulary.rows[vocabulary.ids]
    assert kept.tolist() == list(range(len(ENTRIES)))
    others = torch.tensor(sorted(set(range(BERT_ENTRIES)) - set(ENTRIES)))
    assert set(vocabulary.ids[vocabulary.rows[others]].tolist()) == {100}


def test_all_entries_are_their_own_rows():
    vocabulary = Vocabulary()
    assert torch.equal(vocabulary.rows, torch.arange(BERT_ENTRIES))
    assert torch.equal(vocabulary.ids, vocabulary.rows)
