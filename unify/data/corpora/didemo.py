"""DiDeMo for paragraph retrieval: `<split>_data.json`, `<split>_list.txt`, `videos/<video>`.

All descriptions of a video, joined in the order of the file, are its one query; the lists of
collaborative-experts say which videos count, by their published names or others of the same stem.
Clips come with a dozen different extensions, some with a dot and none; after transcoding they are
found by what stands before it. Only the first 30 seconds were shown to those who described them.
"""

from pathlib import Path

from unify.data.corpora.captions import has_words
from unify.data.corpora.clips import stem_of
from unify.data.corpora.files import check_once, read_json, read_list
from unify.data.corpora.split import Split, find_examples
from unify.data.example import Example

SECONDS = 30.0
"""The part of a video that was described (LocalizingMoments)."""


def read(split: str, kit: Path) -> Split[Example]:
    """A split below the corpus's folder; raises ValueError where the files do not fit."""
    source = kit / f"{split}_data.json"
    paragraphs = _paragraphs(source)
    names = _described(kit / f"{split}_list.txt", paragraphs)
    captions = {name: (paragraphs[name],) for name in names}
    return find_examples(
        kit, captions, source, lambda name: [f"videos/{name}", f"videos/{split}/{name}"], SECONDS
    )


def _described(table: Path, paragraphs: dict[str, str]) -> list[str]:
    """The listed videos by the names that they are described under: the same or, where one video
    alone has it, the same stem. Raises ValueError for one that is described under neither."""
    stems: dict[str, list[str]] = {}
    for name in paragraphs:
        stems.setdefault(stem_of(name), []).append(name)
    found = []
    for name in read_list(table):
        same = [name] if name in paragraphs else stems.get(stem_of(name), [])
        if len(same) != 1:
            data = table.name.replace("_list.txt", "_data.json")
            raise ValueError(
                f"{table.with_name(data)} describes no {name}, which {table.name} lists; take both "
                "files from one source"
            )
        found += same
    check_once(found, table)
    return found


def _paragraphs(path: Path) -> dict[str, str]:
    grouped: dict[str, list[str]] = {}
    rows = read_json(path)
    for number, row in enumerate(rows if isinstance(rows, list) else [rows], start=1):
        try:
            grouped.setdefault(row["video"].strip(), []).append(row["description"].strip())
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(
                f"{path}: row {number} has no video and description ({error}), so it is no file "
                "of LocalizingMoments; write them there, or download it again"
            ) from error
    return {video: " ".join(filter(has_words, texts)) for video, texts in grouped.items()}
