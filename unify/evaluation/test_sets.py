"""Test sets as they are on disk, and how much of each is."""

from dataclasses import dataclass, replace
from pathlib import Path

from unify.config import EvaluationConfig
from unify.data.corpora import ActionSplit, Coverage, Split, load_split
from unify.data.corpora.coverage import cover, expected
from unify.data.readable import readable


@dataclass(frozen=True)
class TestSet:
    """Clips with captions or with classes."""

    place: str
    """`corpus/split`."""
    split: Split
    coverage: Coverage

    @property
    def has_classes(self) -> bool:
        """Whether its clips have classes in place of captions."""
        return isinstance(self.split, ActionSplit)

    def texts(self, evaluation: EvaluationConfig) -> int:
        """How many captions there are, or names of classes within templates."""
        if self.has_classes:
            return len(self.split.classes) * len(evaluation.templates)
        return sum(len(example.captions) for example in self.split.examples)


def load_test_set(place: str, root: Path, *, incomplete: bool = False) -> TestSet:
    """A test set. With `incomplete` it may lack clips, and those that cannot be decoded are left
    out; its coverage says how many there are.

    Raises ValueError where it is not whole otherwise, and as `read_split` does.
    """
    corpus, _, name = place.partition("/")
    split = load_split(corpus, name, root, incomplete=incomplete)
    if incomplete:
        kept, damaged = readable(split.examples, place)
        split = replace(split, examples=kept, missing=[*split.missing, *damaged])
    return TestSet(place, split, cover(split, expected(corpus, name, root)))
