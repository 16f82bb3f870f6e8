"""Texts of the miniature world, in the place that BERT's books have in the paper."""

from pathlib import Path

from unify.data.corpora.files import read_text


def load_wordings(root: Path) -> list[tuple[str, str]]:
    """Rows of `<root>/Books/wordings.tsv`: two wordings of one story each.

    Raises ValueError where the file is missing or a row has not two columns.
    """
    table = Path(root) / "Books" / "wordings.tsv"
    rows = [tuple(line.split("\t")) for line in read_text(table).splitlines()]
    for number, row in enumerate(rows, start=1):
        if len(row) != 2:
            raise ValueError(f"{table}: line {number} is not two wordings with a tab between")
    return rows
