"""How results on each corpus are made: test sets, validation split, queries."""

from dataclasses import dataclass, replace

from unify.config.corpora import CORPORA
from unify.config.run import EvaluationConfig, RunConfig


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """How results on a corpus are made."""

    tests: tuple[str, ...]
    """Test sets, the paper's (most likely) first."""
    validation: str | None = None
    """Its validation split; None where it has none that is not trained on."""
    max_tokens: int | None = None
    """Word pieces per query, where they are paragraphs (Singularity: 64 on DiDeMo)."""
    drawn_templates: tuple[str, ...] = ()
    """Templates in a miniature world, where bare names are unlike all captions."""


TUNED = {
    "msrvtt": Protocol(tests=("msrvtt/test_1ka",)),
    "didemo": Protocol(tests=("didemo/test",), validation="didemo/val", max_tokens=64),
    "lsmdc": Protocol(tests=("lsmdc/test",), validation="lsmdc/val"),
    "msvd": Protocol(tests=("msvd/test_one_caption", "msvd/test"), validation="msvd/val"),
}
"""Corpora that are fine-tuned on, in the order of Tables 1 and 2."""
ACTIONS = {
    "hmdb51": Protocol(tests=("hmdb51/test_1", "hmdb51/test_2", "hmdb51/test_3")),
    "ucf101": Protocol(
        tests=("ucf101/test_1", "ucf101/test_2", "ucf101/test_3"), drawn_templates=("a {}",)
    ),
}
"""Corpora of actions, in the order of Table 3. Drawn ones of UCF101 are called by things, which
captions always give an article."""


def evaluated_on(base: RunConfig, corpus: str) -> EvaluationConfig:
    """The evaluation of a run on the test sets of a corpus of `TUNED` or `ACTIONS`; what is set in
    its own evaluation goes before the protocol."""
    protocol, own = (TUNED | ACTIONS)[corpus], base.evaluation
    drawn = protocol.drawn_templates if base.world is not None and own.templates == ("{}",) else ()
    return replace(
        own,
        corpora=protocol.tests,
        max_tokens=own.max_tokens or longest_query(base, protocol),
        templates=drawn or own.templates,
    )


def plainly_evaluated(base: RunConfig) -> RunConfig:
    """The training behind other evaluations: what these ask of its weights trains it no second
    time, so its own evaluation keeps the defaults."""
    plain = EvaluationConfig()
    own = replace(
        base.evaluation,
        corpora=plain.corpora,
        lexicon_share=plain.lexicon_share,
        max_tokens=plain.max_tokens,
        num_clips=plain.num_clips,
        templates=plain.templates,
    )
    return replace(base, evaluation=own)


def longest_query(base: RunConfig, protocol: Protocol) -> int | None:
    """Word pieces per paragraph, as many as the text encoder has places for; None for sentences."""
    return protocol.max_tokens and min(protocol.max_tokens, base.model.text.max_positions)


def default_tests(corpus: str) -> tuple[str, ...]:
    """The test sets that a corpus's name stands for: its protocol's, or its first split's."""
    if corpus in (known := TUNED | ACTIONS):
        return known[corpus].tests
    splits = CORPORA[corpus].splits
    usual = [name for start in ("test", "val", "") for name in splits if name.startswith(start)]
    return (f"{corpus}/{usual[0]}",)
