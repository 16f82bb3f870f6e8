"""Accuracies of Figure 3, class by class, and which of them are shown."""

from collections.abc import Mapping

import pandas

from analysis.classes import NAMED, ActionClass, classes
from analysis.measured import REPRESENTATIONS
from analysis.results import Record
from analysis.study import Study

SWEEP = ("action_recognition", "ucf101")
"""Sweep and label of the runs."""
CHOSEN = 5
"""Classes shown on either side."""
LEXICON, LATENT, PAPER = "lexicon ahead", "latent ahead", "named in the paper"
"""Why a class is shown."""
AHEAD = "lexicon less latent"


def runs(study: Study, column: str) -> list[Record]:
    """Those that have measured accuracies of all representations."""
    found = study.runs(column, *SWEEP)
    return [run for run in found if (each := classes(run)) and all(map(_is_whole, each))]


def differences(study: Study, column: str) -> pandas.DataFrame:
    """class, clips, latent, lexicon, fused (%, means over seeds), lexicon less latent, shown (why;
    empty where it is not), seeds; the class on which the lexicon is furthest ahead first."""
    found = runs(study, column)
    rows = [
        {"class": each.name, "clips": each.clips, **each.top1}
        for run in found
        for each in classes(run)
    ]
    means = pandas.DataFrame(rows).groupby("class", sort=True)
    table = means[["clips", *REPRESENTATIONS]].mean().reset_index()
    table["clips"] = table["clips"].round().astype(int)
    table[AHEAD] = (table["lexicon"] - table["latent"]).round(9)
    table = table.sort_values([AHEAD, "class"], ascending=[False, True], ignore_index=True)
    table["shown"] = table["class"].map(_shown(table)).fillna("")
    table["seeds"] = len(found)
    return table


def chosen(table: pandas.DataFrame) -> pandas.DataFrame:
    """The classes that are drawn, in the same order."""
    return table[table["shown"] != ""]


def tally(table: pandas.DataFrame) -> str:
    """On how many classes each is ahead; Markdown."""
    best = table[["latent", "lexicon"]].max(axis=1)
    ahead, behind = (table["fused"] > best).sum(), (table["fused"] < best).sum()
    return (
        f"**Here**, of {len(table)} classes the lexicon is ahead of the latent representation on "
        f"{(table[AHEAD] > 0).sum()} and behind it on {(table[AHEAD] < 0).sum()}. Fused, they are "
        f"better than the better of the two on {ahead} and worse than it on {behind} (the claims "
        "`lexicon_over_latent_on_objects`, `latent_over_lexicon_on_motion` and "
        "`fusion_over_both_on_classes` judge section 4.3)."
    )


def _is_whole(one: ActionClass) -> bool:
    return all(part in one.top1 for part in REPRESENTATIONS)


def _shown(table: pandas.DataFrame) -> Mapping[str, str]:
    """Class -> why it is shown; a large difference stands before being named."""
    named = [name for names in NAMED.values() for name in names]
    lexicon = table[table[AHEAD] > 0].head(CHOSEN)
    behind = table[table[AHEAD] < 0].sort_values([AHEAD, "class"]).head(CHOSEN)
    return (
        dict.fromkeys(named, PAPER)
        | dict.fromkeys(lexicon["class"], LEXICON)
        | dict.fromkeys(behind["class"], LATENT)
    )
