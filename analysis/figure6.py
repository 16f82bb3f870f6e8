"""Figure 6: text-to-video retrieval against N, the number of shared stem blocks.

  python analysis/figure6.py
  python analysis/figure6.py --runs runs --out figures --group 0123456789ab

Writes figure6.png, figure6.csv and figure6.md.
"""

import sys
from argparse import ArgumentParser
from pathlib import Path

import pandas

if not __package__:  # started as a script: import from the repository, not from this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from analysis.curves import draw
from analysis.groups import AnalysisError, Group, choose, groups, left_out
from analysis.results import frame, records
from analysis.stem_depth import statement
from analysis.table import PLUS_MINUS, RECALLS, REPRESENTATIONS, cell, markdown, over_seeds
from unify.files import write_atomically

FIELD = "model.stem_depth"
SWEEP = "stem_depth"
COLUMNS = ("stem_depth", "representation", "metric", "mean", "std", "seeds")


def main(argv: list[str] | None = None) -> int:
    """0, 1 when there is nothing to draw, 2 when it cannot be written."""
    parser = ArgumentParser(prog="figure6.py", description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=Path, default=Path("runs"), metavar="DIR")
    parser.add_argument("--out", type=Path, metavar="DIR", help="default: below RUNS/SWEEP")
    parser.add_argument("--sweep", default=SWEEP, help="draw the newest runs of this sweep")
    parser.add_argument("--group", metavar="SIGNATURE", help="draw the runs like this one")
    options = parser.parse_args(argv)
    try:
        written = write(options.runs, out=options.out, member=options.group, sweep=options.sweep)
    except AnalysisError as error:
        print(f"figure6.py: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        place = f"{error.filename}: {error.strerror}"
        print(f"figure6.py: {place}; name a folder to write to with --out", file=sys.stderr)
        return 2
    for path in written:
        print(f"wrote {path}")
    return 0


def write(
    runs: Path, *, out: Path | None = None, member: str | None = None, sweep: str = SWEEP
) -> list[Path]:
    """Draw the runs that differ from `member` in N and seed alone (else the sweep's newest such
    runs) into `out` (else the sweep's folder, one below it for other configs than `mini`); the
    paths written. AnalysisError where there are no such runs."""
    made = groups(records(runs), [FIELD])
    chosen = choose(made, sweep, member)
    for line in left_out(made, chosen, sweep):
        print(line)
    results, place = _results(chosen)
    out = out or runs / sweep / chosen.folder
    table = over_seeds(results, COLUMNS[:3])[list(COLUMNS)]
    paths = [out / f"figure6.{kind}" for kind in ("png", "csv", "md")]
    out.mkdir(parents=True, exist_ok=True)
    draw(table, paths[0], place=place, about=chosen.about)
    write_atomically(paths[1], table.to_csv(index=False, float_format="%.4f"))
    write_atomically(paths[2], _page(table, results, place, chosen))
    return paths


def _results(group: Group) -> tuple[pandas.DataFrame, str]:
    """The group's text-to-video values on its first test set, ordered; and that set's name."""
    rows = frame(group.records)
    depths = {record.signature: record.config[FIELD] for record in group.records}
    rows["stem_depth"] = rows["signature"].map(depths)
    rows["place"] = rows["corpus"] + "/" + rows["split"]
    place = group.records[0].config["evaluation.corpora"][0]
    rows = rows[(rows["direction"] == "t2v") & (rows["place"] == place)]
    order = {name: k for k, name in enumerate(REPRESENTATIONS)}
    rows = rows.assign(order=rows["representation"].map(order))
    return rows.sort_values(["stem_depth", "order", "seed"], kind="stable"), place


def _page(table: pandas.DataFrame, results: pandas.DataFrame, place: str, group: Group) -> str:
    return "\n".join(
        [
            "# Figure 6: shared stem blocks",
            "",
            f"Zero-shot text to video on {place}; mean {PLUS_MINUS} standard deviation over seeds.",
            "",
            f"Runs: {group.about}; `python analysis/figure6.py --group {group.name}` draws them.",
            "",
            _markdown(table),
            "![Figure 6](figure6.png)",
            "",
            statement(results),
        ]
    )


def _markdown(table: pandas.DataFrame) -> str:
    cells = {tuple(row[:3]): row[3:] for row in table.itertuples(index=False)}
    keys = [(name, metric) for name in REPRESENTATIONS for metric in RECALLS]
    keys = [key for key in keys if any(cell_key[1:] == key for cell_key in cells)]
    rows = []
    for depth in sorted(set(table["stem_depth"])):
        found = [cells.get((depth, *key), (None, None, 0)) for key in keys]
        seeds = max(count for _, _, count in found)
        rows.append([str(depth), str(seeds), *[cell(mean, std) for mean, std, _ in found]])
    return markdown(["N", "seeds", *[f"{name} {metric}" for name, metric in keys]], rows)


if __name__ == "__main__":
    sys.exit(main())
