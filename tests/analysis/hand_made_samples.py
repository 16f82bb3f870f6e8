"""Samples of a run and previews of their clips, made by hand."""

from collections.abc import Mapping, Sequence

from PIL import Image, ImageDraw

from unify.files import write_json
from unify.records import RunDirectory

CHOSEN = ("spread", "lexicon", "latent")


def samples(captions: Mapping[str, str], queries: int = 3) -> dict:
    """The first `queries` clips as queries: the lexicon ranks each first, latent second."""
    keys = list(captions)
    return {
        "place": "msrvtt/test_1ka",
        "queries": [_query(keys, number, captions) for number in range(queries)],
        "captions": dict(captions),
    }


def give_samples(directory: RunDirectory, content: dict) -> None:
    """Write a run's `samples.json`, and a moving square for every clip."""
    write_json(directory.samples_path, content)
    directory.previews.mkdir()
    for number, key in enumerate(content["captions"]):
        frames = [_frame(number, step) for step in range(4)]
        path = directory.previews / f"{key.replace('/', '_')}.webp"
        frames[0].save(path, save_all=True, append_images=frames[1:], duration=200, loop=0)


def _query(keys: Sequence[str], number: int, captions: Mapping[str, str]) -> dict:
    answer = keys[number]
    others = [key for key in keys if key != answer][:3]
    first, second = [answer, *others], [others[0], answer, *others[1:]]
    words = captions[answer].split()
    return {
        "key": answer,
        "caption": captions[answer],
        "chosen": CHOSEN[number % len(CHOSEN)],
        "ranks": {"latent": 2.0, "lexicon": 1.0, "fused": 1.5},
        "retrieved": {
            name: [[key, round(0.9 - 0.1 * place, 4)] for place, key in enumerate(keys)]
            for name, keys in (("latent", second), ("lexicon", first), ("fused", first))
        },
        "words": {key: [[word, 0.5**n] for n, word in enumerate(words, 1)] for key in first},
    }


def _frame(number: int, step: int) -> Image.Image:
    colours = ("#c33", "#36c", "#393", "#c80", "#73a", "#088")
    picture = Image.new("RGB", (64, 64), "#eee")
    left = 4 + 10 * step
    ImageDraw.Draw(picture).rectangle(
        (left, 20, left + 20, 40), fill=colours[number % len(colours)]
    )
    return picture
