"""What can be run: each sweep is a function that derives labelled configs from a base.

To add one, write a function here and decorate it; `python experiments/sweep.py NAME` does the rest.
"""

from collections.abc import Callable
from dataclasses import replace

from experiments.variants import Sweep, Variant, Variants, changed, each, evaluated, fusion, grid
from unify.config import Config, RunConfig, fine_tuned, plainly_evaluated
from unify.config.codec import override

SWEEPS: dict[str, Sweep] = {}
"""Every sweep, by name."""


def sweep(
    *, title: str, paper: str, choice: bool = False, report: str = "analysis.choices"
) -> Callable[[Variants], Variants]:
    """Register a function as the sweep of its own name."""

    def register(variants: Variants) -> Variants:
        name = variants.__name__
        SWEEPS[name] = Sweep(
            name=name, title=title, paper=paper, variants=variants, choice=choice, report=report
        )
        return variants

    return register


@sweep(title="How many blocks the branches share", paper="Figure 6", report="analysis.figure6")
def stem_depth(base: RunConfig) -> list[Variant]:
    """N shared blocks per stream, from none to all; M = depth - N are each branch's own."""
    depths = range(base.model.depth + 1)
    return [changed(base, f"N={n}", {"model.stem_depth": n}) for n in depths]


@sweep(
    title="What freezing and MLM give the lexicon branch alone",
    paper="Table 5, Figure 5",
    report="analysis.table5",
)
def semantics_grounding(base: RunConfig) -> list[Variant]:
    """Two-stage semantics grounding (section 4.4). B and C are named by content, as the paper
    contradicts itself: two sentences read B as freezing, Figure 5's caption text reads (c) so."""
    alone = override(base, {"model.branches": "lexicon"})
    no_freezing, no_mlm = {"plan.grounding_epochs": 0}, {"objective.mlm": False}
    return [
        changed(alone, "no_tsg", no_freezing | no_mlm, "neither", "A"),
        changed(alone, "freeze_only", no_mlm, "freezing alone; (c) by the words on Figure 5", "B"),
        changed(alone, "mlm_only", no_freezing, "MLM alone; (b) by the words on Figure 5", "C"),
        Variant("tsg", alone, "freezing, then MLM", "D"),
    ]


@sweep(
    title="What sharing a stem and self-distillation give",
    paper="Table 4",
    report="analysis.table4",
)
def unified_learning(base: RunConfig) -> list[Variant]:
    """Unified learning (section 4.5); no sharing means two separate dual encoders."""
    latent = override(base, {"model.branches": "latent"})
    lexicon = override(base, {"model.branches": "lexicon"})
    apart = fusion(latent, lexicon)
    return [
        Variant("no_sharing", apart, "two separate dual encoders", "A"),
        changed(base, "sharing", {"objective.distillation": False}, "a common stem", "B"),
        Variant("sharing_distillation", base, "and self-distillation: UNIFY", "C"),
    ]


@sweep(title="Retrieval on MSR-VTT", paper="Table 1, Figure 4", report="analysis.table1")
def msrvtt(base: RunConfig) -> list[Variant]:
    """Text to video on the 1k-A split (section 4.2)."""
    return [
        Variant("zero_shot", _zero_shot(base), "pre-trained only"),
        Variant("fine_tuned", fine_tuned(base, "msrvtt"), "trained further on its 9k split"),
    ]


def _zero_shot(base: RunConfig) -> Config:
    """The pre-training, which evaluates itself; or another evaluation of it, where one is asked."""
    return base if base == plainly_evaluated(base) else evaluated(base, "msrvtt")


@sweep(title="Retrieval on DiDeMo, LSMDC and MSVD", paper="Table 2", report="analysis.table2")
def transfer(base: RunConfig) -> list[Variant]:
    """What one pre-training gives elsewhere, as it is and fine-tuned on each (section 4.2)."""
    return [
        variant
        for corpus in ("didemo", "lsmdc", "msvd")
        for variant in (
            Variant(f"{corpus}_zero_shot", evaluated(base, corpus)),
            Variant(f"{corpus}_fine_tuned", fine_tuned(base, corpus)),
        )
    ]


@sweep(
    title="Which action a clip shows, by the names of actions",
    paper="Table 3, Figure 3",
    report="analysis.table3",
)
def action_recognition(base: RunConfig) -> list[Variant]:
    """Zero-shot classification of the three test splits of two corpora (section 4.2)."""
    return [Variant(corpus, evaluated(base, corpus)) for corpus in ("hmdb51", "ucf101")]


@sweep(title="How local features become word weights", paper="equation 5, unnamed", choice=True)
def activation_pooling(base: RunConfig) -> list[Variant]:
    """phi and the pooling over patches or tokens."""
    return grid(
        base,
        {
            "model.lexicon.activation": ("log1p_relu", "relu"),
            "model.lexicon.pooling": ("max", "sum", "mean"),
        },
    )


@sweep(title="How much sparsity is asked for", paper="section 4.1: 1e-4", choice=True)
def flops(base: RunConfig) -> list[Variant]:
    """lambda_F on raw activations, and LexLIP's form: normalised ones, weight 2e-3."""
    normalised = {"objective.flops_input": "normalised", "objective.flops_weight": 2e-3}
    return [
        *each(base, "objective.flops_weight", (0.0, 1e-5, 1e-4, 1e-3, 1e-2)),
        changed(base, "normalised", normalised, "LexLIP's input and weight"),
    ]


@sweep(title="How many words MLM masks", paper="section 4.1: 15 %", choice=True)
def mlm_ratio(base: RunConfig) -> list[Variant]:
    """Share of tokens that are masked in stage 2."""
    return each(base, "objective.mlm_ratio", (0.05, 0.15, 0.3, 0.5))


@sweep(
    title="Who teaches whom, and for how long",
    paper="section 4.1: linearly from 1 to 0",
    choice=True,
)
def self_distillation(base: RunConfig) -> list[Variant]:
    """Schedule, teacher and gradient of self-distillation (equation 14)."""
    schedule, teacher = "objective.distillation_schedule", "objective.distillation_teacher"
    return [
        Variant("linear", base, "latent teaches lexicon, weight from 1 to 0 by step"),
        changed(base, "per_epoch", {schedule: "linear_per_epoch"}, "weight falls by epoch"),
        changed(base, "constant", {schedule: "constant"}, "weight 1 throughout"),
        changed(base, "lexicon_teaches", {teacher: "lexicon"}, "the other direction"),
        changed(base, "both_teach", {teacher: "both"}, "both directions"),
        changed(base, "not_detached", {"objective.detach_teacher": False}, "teacher learns too"),
    ]


@sweep(title="What stage 1 freezes", paper="section 3.3: the lexicon text branch", choice=True)
def freeze_scope(base: RunConfig) -> list[Variant]:
    """The paper also speaks of the text encoder, and is silent on the MLM head."""
    return [
        Variant("lexicon_text", base, "embeddings, stem, lexicon blocks and the MLM head"),
        changed(base, "all_text", {"plan.freeze_latent_text_blocks": True}, "and latent blocks"),
        changed(base, "head_free", {"plan.freeze_lexicon_head": False}, "but the MLM head"),
        changed(base, "nothing", {"plan.grounding_epochs": 0}, "one stage, MLM throughout"),
    ]


@sweep(title="How sharp the softmaxes are", paper="equation 10, unnamed", choice=True)
def temperature(base: RunConfig) -> list[Variant]:
    """tau of both branches and of self-distillation."""
    kinds = ("latent", "lexicon", "distillation")
    return [
        changed(base, f"tau={tau:g}", {f"objective.{kind}_temperature": tau for kind in kinds})
        for tau in (0.02, 0.05, 0.1)
    ]


@sweep(title="How many frames a clip needs", paper="section 4.1: 4", choice=True)
def num_frames(base: RunConfig) -> list[Variant]:
    """T in training and evaluation alike."""
    fields = ("data.num_frames", "evaluation.num_frames", "model.video.max_frames")
    return [changed(base, f"T={t}", dict.fromkeys(fields, t)) for t in (1, 2, 4, 8)]


@sweep(title="How space and time attend", paper="section 4.1: TimeSformer", choice=True)
def attention_style(base: RunConfig) -> list[Variant]:
    """Frozen's block, plain TimeSformer's, and the two starts of temporal attention."""
    style, start = "model.video.attention_style", "model.video.temporal_start"
    return [
        changed(base, "frozen", {style: "frozen", start: "frozen"}, "as Frozen publishes it"),
        changed(base, "frozen_zero", {style: "frozen", start: "zero_projection"}),
        changed(base, "timesformer", {style: "timesformer", start: "zero_projection"}),
    ]


@sweep(title="How the two similarities are weighted", paper="section 3.1: 1:1", choice=True)
def fusion_ratio(base: RunConfig) -> list[Variant]:
    """Weight of the lexicon similarity in the fused one; nothing is trained again."""
    shares = (0.0, 0.25, 0.5, 0.75, 1.0)
    return [Variant(f"share={s:g}", fusion(base, lexicon_share=s)) for s in shares]


def _together(base: RunConfig) -> list[Variant]:
    """The runs of all sweeps; what they have in common is trained once."""
    return [
        replace(variant, label=f"{name}/{variant.label}")
        for name in SWEEPS["paper"].parts
        for variant in SWEEPS[name].variants(base)
    ]


SWEEPS["paper"] = Sweep(
    name="paper",
    title="All of these, sharing what they have in common",
    paper="all",
    variants=_together,
    report="analysis.reproduce",
    parts=tuple(SWEEPS),
)
