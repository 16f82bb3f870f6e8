"""The tables of our benchmarks, and the bars set for them."""

from analysis.speed.layout import Bar, Column, Layout
from analysis.speed.records import Row


def short(value: float) -> str:
    """Three digits."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def times(value: float) -> str:
    """A ratio."""
    return f"{value:.2f} x" if value < 10 else f"{value:.0f} x"


def percent(value: float) -> str:
    """A share."""
    return f"{value:.0%}"


def mebibytes(value: float) -> str:
    """Bytes in MiB."""
    return short(value / 2**20)


def millions(value: float) -> str:
    """A count."""
    return f"{value / 1e6:.1f} M"


def ratio(title: str, field: str, peer: str) -> Column:
    """How many times a peer's number is of the line's own."""
    return Column(title=title, field=field, show=times, of=peer, over=True)


def _head_case(row: Row) -> str:
    sizes = f"{row['clips']} x {row['tokens']} x {row['width']} to {row['words']:,}"
    more = ", few tokens win" if row["skewed"] else ""
    more += ", frozen head" if row["frozen"] else ""
    return f"{row['size']}: {sizes}; {row['active']:.0%} active{more}"


def _at_paper(share: float, **more: object) -> dict[str, object]:
    return {"size": "paper", "wanted": share, "skewed": False, "frozen": False, "head": "ours"}


BOTH = ratio("plain: both", "ms", "plain")
BACKWARD = ratio("plain: backward", "backward_ms", "plain")
MEMORY = ratio("plain: memory", "extra_bytes", "plain")
BARE = ratio("floor: forward", "forward_ms", "floor")

LEXICON_HEAD = Layout(
    benchmark="lexicon_head",
    title="The lexicon head",
    contestant="head",
    case=("size", "words", "wanted", "skewed", "frozen"),
    name=_head_case,
    shown=lambda name: name.startswith("ours"),
    columns=(
        Column(title="forward ms", field="forward_ms", show=short),
        Column(title="floor", field="forward_ms", show=short, of="floor"),
        Column(title="backward ms", field="backward_ms", show=short),
        Column(title="floor", field="backward_ms", show=short, of="floor"),
        Column(title="extra MiB", field="extra_bytes", show=mebibytes),
        BOTH,
        BACKWARD,
        MEMORY,
        ratio("checkpointed: both", "ms", "checkpointed"),
        ratio("SpladePooling: both", "ms", "SpladePooling"),
    ),
    bars=(
        *(
            Bar(
                text=f"{what}, {share:.0%} active",
                where=_at_paper(share),
                column=column,
                least=least,
                on_cuda=False,
            )
            for what, share, column, least in (
                ("speed of forward and backward beside plain", 1.0, BOTH, 2.2),
                ("speed of forward and backward beside plain", 0.03, BOTH, 2.8),
                ("speed of the backward beside plain", 1.0, BACKWARD, 4),
                ("speed of the backward beside plain", 0.03, BACKWARD, 20),
                ("extra memory of plain beside ours", 1.0, MEMORY, 8),
                ("extra memory of plain beside ours", 0.03, MEMORY, 8),
            )
        ),
        *(
            Bar(text=what, where=_at_paper(1.0), column=column, least=least, on_cuda=True)
            for what, column, least in (
                ("speed of forward and backward beside plain", BOTH, 3),
                ("extra memory of plain beside ours", MEMORY, 20),
                ("speed of the forward beside the bare matrix product", BARE, 1 / 1.3),
            )
        ),
    ),
)

STEP = ratio("transformers: ms", "ms", "transformers")
MFU = Column(title="MFU", field="mfu", show=percent)

TRAIN_STEP = Layout(
    benchmark="train_step",
    title="A training step",
    contestant="build",
    case=("case",),
    name=lambda row: row["case"],
    columns=(
        Column(title="parameters", field="parameters", show=millions),
        Column(title="ms", field="ms", show=short),
        Column(title="floor", field="floor_ms", show=short),
        Column(title="clips/s", field="clips_per_second", show=short),
        STEP,
        MFU,
        Column(title="extra MiB", field="extra_bytes", show=mebibytes),
    ),
    bars=(
        Bar(
            text="speed beside the build of transformers, words of the miniature world",
            where={"case": "mini", "build": "ours"},
            column=STEP,
            least=1.5,
            on_cuda=False,
        ),
        Bar(
            text="speed beside the build of transformers, all words",
            where={"case": "mini, all words", "build": "ours"},
            column=STEP,
            least=3,
            on_cuda=False,
        ),
        Bar(
            text="share of the fastest matrix product's operations a second (MFU)",
            where={"case": "paper", "build": "ours"},
            column=MFU,
            least=0.3,
            on_cuda=True,
        ),
    ),
)

ZERO_STAGES = Layout(
    benchmark="zero_stages",
    title="ZeRO stages",
    contestant="engine",
    case=("size", "processes"),
    name=lambda row: f"{row['size']}, {row['clips']} clips, processes: {row['processes']}",
    columns=(
        Column(title="ms", field="ms", show=short),
        Column(title="samples/s", field="samples_per_second", show=short),
        Column(title="overhead ms", field="overhead_ms", show=short),
        ratio("stage 0: ms", "ms", "ZeRO stage 0"),
        Column(title="MiB a process", field="extra_bytes", show=mebibytes),
    ),
)

LAYOUTS = (LEXICON_HEAD, TRAIN_STEP, ZERO_STAGES)
