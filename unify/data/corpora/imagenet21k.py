"""Labelled images of the miniature world, in the place that ImageNet-21K has in the paper."""

from pathlib import Path

from unify.data.corpora.files import read_rows
from unify.data.example import LabelledImage


def load_labelled_images(root: Path) -> list[LabelledImage]:
    """Rows of `<root>/ImageNet21K/labels.csv`; raises ValueError where it is missing."""
    folder = Path(root) / "ImageNet21K"
    rows = read_rows(folder / "labels.csv", ("image", "labels"))
    return [
        LabelledImage(folder / "images" / row["image"], tuple(row["labels"].split("|")))
        for row in rows
    ]
