import csv

import pytest
from hand_made import row
from PIL import Image

from analysis import figure5
from analysis.errors import AnalysisError
from analysis.study import read_study

LABELS = ("no_tsg", "freeze_only", "mlm_only", "tsg")


def example(key, caption, video, text):
    weights = [3.0 - 0.25 * k for k in range(10)]
    return {
        "key": key,
        "caption": caption,
        "video_words": [[word, weight] for word, weight in zip(video, weights, strict=False)],
        "text_words": [[word, weight] for word, weight in zip(text, weights, strict=False)],
    }


def lexicon(*examples, **more):
    return {"lexicon": {"msrvtt/test_1ka": {"examples": list(examples), **more}}}


def variant(runs, label, seed=0, words=("dog", "tent", "sun"), count=4, preset="mini", **more):
    made = [
        example(f"video{k}", f"A dog, and {k} tents!", words, words[::-1]) for k in range(count)
    ]
    result = lexicon(*made, **more)
    return row(runs, figure5.SWEEP, label, seed, preset=preset, lexicon=20.0, result=result)


def drawn(runs):
    study = read_study(runs)
    paths = figure5.write(study, runs / "out")
    lines = list(csv.DictReader((runs / "out" / "figures" / "figure5.csv").open()))
    return paths, lines, figure5.caption(study)


def test_the_first_three_recorded_clips_are_shown_under_every_variant(tmp_path):
    for label in LABELS:
        variant(tmp_path, label)
    paths, lines, caption = drawn(tmp_path)
    assert [path.name for path in paths] == [f"figure5.{k}" for k in ("png", "pdf", "csv", "md")]
    assert paths[0].read_bytes().startswith(b"\x89PNG")
    assert paths[1].read_bytes().startswith(b"%PDF")
    assert {line["clip"] for line in lines} == {"video0", "video1", "video2"}
    assert {line["variant"] for line in lines} == set(LABELS)
    assert {line["side"] for line in lines} == {"video", "text"}
    assert "Not run" not in caption


@pytest.mark.slow
def test_the_same_bytes_each_time(tmp_path):
    variant(tmp_path, "tsg")
    first, second = ([path.read_bytes() for path in drawn(tmp_path)[0]] for _ in range(2))
    assert first == second


def test_captions_are_drawn_as_text_whatever_they_hold(tmp_path):
    odd = [r"costs $\frac{$", "a\0dog", "dog " * 10_000]
    made = [example(f"video{k}", caption, ["dog"], []) for k, caption in enumerate(odd)]
    row(tmp_path, figure5.SWEEP, "tsg", preset="mini", lexicon=20.0, result=lexicon(*made))
    paths, lines, _ = drawn(tmp_path)
    assert paths[0].read_bytes().startswith(b"\x89PNG")
    shown = [line["caption"] for line in lines]
    assert odd[0] in shown and "a\ufffddog" in shown and max(map(len, shown)) < 500


def test_words_of_the_caption_are_told_from_others(tmp_path):
    variant(tmp_path, "tsg", words=("dog", "tent", "tents", "a", "og"))
    _, lines, _ = drawn(tmp_path)
    said = {line["word"]: line["in_caption"] for line in lines if line["side"] == "video"}
    assert said == {"dog": "True", "tent": "False", "tents": "True", "a": "True", "og": "False"}


def test_missing_variants_are_named_with_their_command(tmp_path):
    variant(tmp_path, "no_tsg")
    variant(tmp_path, "tsg")
    _, lines, caption = drawn(tmp_path)
    assert {line["variant"] for line in lines} == {"no_tsg", "tsg"}
    assert "Not run: freeze_only, mlm_only;" in caption
    assert "sweep.py semantics_grounding --only freeze_only mlm_only" in caption


def test_the_lowest_seed_is_shown_and_named(tmp_path):
    variant(tmp_path, "tsg", 2, words=("sun",))
    variant(tmp_path, "tsg", 1, words=("dog",))
    _, lines, caption = drawn(tmp_path)
    assert {line["word"] for line in lines} == {"dog"}
    assert "tsg seed 1" in caption


def test_relevance_over_the_whole_test_set_is_said_where_it_was_measured(tmp_path):
    variant(tmp_path, "no_tsg", video_relevant=0.04, text_relevant=0.2)
    variant(tmp_path, "tsg", video_relevant=0.4, text_relevant=0.75)
    variant(tmp_path, "mlm_only")
    caption = drawn(tmp_path)[2]
    assert "- no_tsg: 4 % of a clip's words, 20 % of a caption's" in caption
    assert "- tsg: 40 % of a clip's words, 75 % of a caption's" in caption
    assert "- mlm_only" not in caption


def test_a_clip_on_which_no_word_is_active_is_drawn(tmp_path):
    variant(tmp_path, "no_tsg", words=())
    variant(tmp_path, "tsg")
    _, lines, _ = drawn(tmp_path)
    assert {line["variant"] for line in lines} == {"tsg"}


def test_pictures_of_the_default_run_are_used(tmp_path):
    variant(tmp_path, "tsg")
    before = drawn(tmp_path)[0][0].read_bytes()
    directory = row(tmp_path, "msrvtt", "zero_shot", latent=1.0)
    directory.previews.mkdir()
    Image.new("RGB", (24, 24), "red").save(directory.previews / "video0.webp")
    assert drawn(tmp_path)[0][0].read_bytes() != before


def test_a_damaged_picture_is_one_line(tmp_path, capsys):
    variant(tmp_path, "tsg")
    directory = row(tmp_path, "msrvtt", "zero_shot", latent=1.0)
    directory.previews.mkdir()
    (directory.previews / "video0.webp").write_bytes(b"no picture")
    assert figure5.main(["--runs", str(tmp_path)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "video0.webp is no picture" in line


def test_runs_of_the_paper_preset_have_a_figure_of_their_own(tmp_path):
    variant(tmp_path, "tsg")
    variant(tmp_path, "no_tsg", preset="paper")
    names = {path.name for path in drawn(tmp_path)[0]}
    assert {"figure5.png", "figure5_paper.png", "figure5_paper.csv"} <= names


def test_without_recorded_words_one_line_says_which_command_makes_them(tmp_path, capsys):
    row(tmp_path, figure5.SWEEP, "tsg", lexicon=20.0)
    assert figure5.main(["--runs", str(tmp_path)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("figure5.py: no finished run for Figure 5; python")
    assert "sweep.py semantics_grounding" in line
    with pytest.raises(AnalysisError):
        figure5.caption(read_study(tmp_path))
