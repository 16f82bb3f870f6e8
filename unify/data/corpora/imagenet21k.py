"""Labelled images of the miniature world, in the place that ImageNet-21K has in the paper."""

from pathlib import Path

from unify.data.corpora.clips import check_inside
from unify.data.corpora.files import read_rows
from unify.data.example import LabelledImage


def load_labelled_images(root: Path) -> list[LabelledImage]:
    """Rows of `<root>/ImageNet21K/labels.csv`; raises ValueError where it is missing."""
    folder = Path(root) / "ImageNet21K"
    table, images = folder / "labels.csv", []
    for row in read_rows(table, ("image", "labels")):
        check_inside(row["image"], table)
        images.append(
            LabelledImage(folder / "images" / row["image"], tuple(row["labels"].split("|")))
        )
    return images
