import csv
import json

import numpy as np
import pytest
from hand_made import row
from PIL import Image

from analysis import figure4
from analysis.draw.pictures import frames
from analysis.errors import AnalysisError
from analysis.study import read_study

KEYS = [f"video{k}" for k in range(6)]


def animated(path, shades):
    """A WebP whose frames are of one grey each."""
    path.parent.mkdir(exist_ok=True)
    made = [Image.new("RGB", (32, 32), (shade,) * 3) for shade in shades]
    made[0].save(path, save_all=True, append_images=made[1:], duration=100, lossless=True)


def query(chosen, right=0, caption="a tent falls", **ranks):
    return {
        "key": KEYS[right],
        "caption": caption,
        "chosen": chosen,
        "ranks": {"latent": 7.0, "lexicon": 1.0, "fused": 2.0} | ranks,
        "retrieved": {
            "latent": [[key, 0.9] for key in KEYS[1:5]],
            "lexicon": [[key, 0.8] for key in KEYS[:4]],
            "fused": [[key, 0.8] for key in KEYS[:4]],
        },
        "words": {key: [["tent", 0.5], ["a", 0.25]] for key in KEYS},
    }


QUERIES = [
    query("spread", caption="any clip"),
    query("lexicon", caption="a tent falls"),
    query("latent", 2, caption="a long story", latent=1.0, lexicon=35.5),
    query("lexicon", caption="another one"),
]


def run(runs, queries=QUERIES, seed=0, preset="mini", pictures=KEYS):
    values = {"latent": 1.0, "lexicon": 1.0, "fused": 1.0}
    directory = row(runs, "msrvtt", "zero_shot", seed, preset=preset, **values)
    content = {
        "place": "msrvtt/test_1ka",
        "queries": queries,
        "captions": dict.fromkeys(KEYS, "a clip"),
    }
    directory.samples_path.write_text(json.dumps(content))
    for key in pictures:
        animated(directory.previews / f"{key}.webp", range(0, 240, 30))
    return directory


def drawn(runs):
    study = read_study(runs)
    paths = figure4.write(study, runs / "out")
    lines = list(csv.DictReader((runs / "out" / "figures" / "figure4.csv").open()))
    return paths, lines, figure4.caption(study)


def test_a_query_is_drawn_for_each_branch_that_does_better(tmp_path):
    run(tmp_path)
    paths, lines, caption = drawn(tmp_path)
    assert [path.name for path in paths] == [f"figure4.{k}" for k in ("png", "pdf", "csv", "md")]
    assert paths[0].read_bytes().startswith(b"\x89PNG")
    assert paths[1].read_bytes().startswith(b"%PDF")
    assert [line["query"] for line in lines[::12]] == ["a tent falls", "a long story"]
    assert '"a tent falls" (lexicon does better): ranks latent 7, lexicon 1, fused 2' in caption
    assert '"a long story" (latent does better): ranks latent 1, lexicon 35.5' in caption
    assert "preset mini, seed 0" in caption


def test_each_retrieved_clip_has_its_place_words_and_whether_it_is_right(tmp_path):
    run(tmp_path)
    _, lines, _ = drawn(tmp_path)
    found = [(line["clip"], line["right"]) for line in lines[:12] if line["right"] == "True"]
    assert found == [("video0", "True"), ("video0", "True")]
    assert (lines[4]["representation"], lines[4]["place"], lines[4]["rank"]) == (
        "lexicon",
        "1",
        "1.0000",
    )
    assert lines[4]["words"] == "tent:0.50 a:0.25"


@pytest.mark.slow
def test_the_same_bytes_each_time_and_other_pictures_make_others(tmp_path):
    directory = run(tmp_path)
    first, second = (drawn(tmp_path)[0][0].read_bytes() for _ in range(2))
    assert first == second
    animated(directory.previews / "video0.webp", [250, 5])
    assert drawn(tmp_path)[0][0].read_bytes() != first


def test_a_clip_without_a_picture_is_drawn_by_its_name(tmp_path):
    run(tmp_path, pictures=KEYS[:2])
    paths, lines, _ = drawn(tmp_path)
    assert paths[0].stat().st_size > 0
    assert len(lines) == 24


def test_a_contrast_that_no_query_shows_is_said(tmp_path):
    run(tmp_path, queries=[query("spread"), query("lexicon")])
    _, lines, caption = drawn(tmp_path)
    assert {line["chosen"] for line in lines} == {"lexicon"}
    assert "No query was recorded that the latent branch ranks better" in caption


def test_the_lowest_seed_with_samples_is_shown(tmp_path):
    run(tmp_path, seed=2)
    run(tmp_path, seed=1)
    row(tmp_path, "msrvtt", "zero_shot", 0, latent=1.0)
    assert "seed 1" in drawn(tmp_path)[2]


def test_runs_of_the_paper_preset_have_a_figure_of_their_own(tmp_path):
    run(tmp_path)
    run(tmp_path, preset="paper")
    names = {path.name for path in drawn(tmp_path)[0]}
    assert {"figure4.png", "figure4_paper.png", "figure4_paper.csv"} <= names


def test_without_samples_one_line_says_which_command_makes_them(tmp_path, capsys):
    row(tmp_path, "msrvtt", "zero_shot", latent=1.0)
    assert figure4.main(["--runs", str(tmp_path)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("figure4.py: no finished run for Figure 4 (with samples.json); python")
    assert "sweep.py msrvtt --only zero_shot" in line


@pytest.mark.parametrize("damage", ["{", "[]", '{"place": 1}'])
def test_damaged_samples_are_one_line(tmp_path, capsys, damage):
    run(tmp_path).samples_path.write_text(damage)
    assert figure4.main(["--runs", str(tmp_path)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "samples.json is damaged" in line


def test_frames_are_spread_from_the_first_to_the_last(tmp_path):
    shades = [0, 40, 80, 120, 160]
    animated(tmp_path / "p" / "clip.webp", shades)
    found = frames(tmp_path / "p" / "clip.webp", 3)
    assert [frame.shape for frame in found] == [(32, 32, 3)] * 3
    assert [int(np.median(frame)) for frame in found] == pytest.approx([0, 80, 160], abs=3)


def test_a_still_picture_is_shown_as_often_as_needed(tmp_path):
    Image.new("RGB", (8, 4), (9, 9, 9)).save(tmp_path / "clip.webp", lossless=True)
    found = frames(tmp_path / "clip.webp", 3)
    assert [frame.shape for frame in found] == [(4, 8, 3)] * 3


def test_a_damaged_picture_is_named(tmp_path):
    (tmp_path / "clip.webp").write_bytes(b"RIFF")
    with pytest.raises(AnalysisError, match=r"clip\.webp is no picture"):
        frames(tmp_path / "clip.webp", 3)


def test_captions_are_drawn_and_written_as_text_whatever_they_hold(tmp_path):
    odd = "costs $\\frac{$ <script>alert(1)</script> a\0dog \x1b[31m " + "dog " * 10_000
    run(tmp_path, [query("lexicon", caption=odd)])
    paths, lines, said = drawn(tmp_path)
    assert paths[0].read_bytes().startswith(b"\x89PNG")
    shown = {line["query"] for line in lines}.pop()
    assert len(shown) < 500 and not {"\0", "\x1b"} & {*shown, *said}
    assert "<script>" in shown and "<script>" not in said
