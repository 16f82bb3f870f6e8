"""What is to be made of a corpus: one file of each clip, one shard of each shard."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from unify.config.corpora import CORPORA
from unify.data.corpora import Split, read_split
from unify.data.corpora.files import MissingFile
from unify.data.corpora.split import NoClips
from unify.data.example import Clip
from unify.data.prepare.formats import StorageFormat


@dataclass(frozen=True)
class Job:
    """A file to make of a file: a clip, an image, or a shard of them."""

    source: Path
    target: Path
    is_image: bool = False
    seconds: float | None = None
    """Only the first so many seconds of a clip belong to the corpus; None: all of it."""
    members: frozenset[int] | None = None
    """Where the clips start in `source`, where that is a shard."""

    @property
    def clips(self) -> int:
        """How many clips it makes."""
        return 1 if self.members is None else len(self.members)


def read_splits(corpus: str, root: Path) -> dict[str, Split]:
    """Every split whose lists are there, but second names.

    Raises ValueError where there is none, or where lists do not fit.
    """
    found, lacking = {}, None
    for split, facts in CORPORA[corpus].splits.items():
        if facts.alias_of is None:
            try:
                found[split] = read_split(corpus, split, root)
            except (NoClips, MissingFile) as error:
                lacking = lacking or error
    if not any(split.examples for split in found.values()):
        raise lacking or ValueError(
            f"none of the clips that {root / CORPORA[corpus].folder} lists is there"
        )
    return found


def suffix_of(clip: Clip | Job, form: StorageFormat) -> str:
    """The extension of what a clip or image becomes."""
    return ".jpg" if clip.is_image else form.suffix


def make_jobs(splits: Iterable[Split], kit: Path, copy: Path, form: StorageFormat) -> list[Job]:
    """Each distinct clip of `kit`, once, with its place below `copy`; always in the same order.

    Raises ValueError for a clip that does not lie below `kit`.
    """
    clips: dict[Path, Clip] = {}
    members: dict[Path, set[int]] = defaultdict(set)
    for clip in (clip for split in splits for clip in split.examples):
        clips.setdefault(clip.path, clip)
        if clip.member is not None:
            members[clip.path].add(clip.member.start)
    names = {path: _below(path, kit) for path in clips}
    singles = {path: name for path, name in names.items() if path not in members}
    places = names | _renamed(singles, {path: suffix_of(clips[path], form) for path in singles})
    return [
        Job(
            path,
            copy / places[path],
            clip.is_image,
            clip.seconds,
            frozenset(members[path]) if path in members else None,
        )
        for path, clip in clips.items()
    ]


def _below(path: Path, kit: Path) -> Path:
    """The path below the corpus's folder."""
    if not path.is_relative_to(kit) or ".." in path.relative_to(kit).parts:
        raise ValueError(
            f"{path} lies outside of {kit}, so that its copy has no place; link it in there and "
            "correct columns.toml"
        )
    return path.relative_to(kit)


def _renamed(names: Mapping[Path, Path], suffixes: Mapping[Path, str]) -> dict[Path, Path]:
    """Names with the new extension in place of the old one, or behind it where two would clash."""
    replaced = {path: _with_suffix(name, suffixes[path]) for path, name in names.items()}
    counts = Counter(replaced.values())
    return {
        path: name
        if counts[name] == 1
        else names[path].with_name(names[path].name + suffixes[path])
        for path, name in replaced.items()
    }


def _with_suffix(name: Path, suffix: str) -> Path:
    """As readers look for it: what follows the last dot is the extension, an empty one too."""
    stem, dot, _ = name.name.rpartition(".")
    return name.with_name((stem if dot and stem else name.name) + suffix)
