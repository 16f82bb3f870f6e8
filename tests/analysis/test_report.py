import base64
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import chromium
import pytest
from hand_made import row
from hand_made_samples import give_samples, samples

from analysis import report
from analysis.judge.statements import CLAIMS
from unify.files import write_json

VALUES = {"latent": 31.0, "lexicon": 42.0, "fused": 53.0}
HOSTILE = "<script>document.title = 'taken'</script> \"double\" & 'single' </style> {{ 7 * 7 }}"
CAPTIONS = {
    "video0": "a red square moves to the right",
    "video1": HOSTILE,
    "video2": "a square that is blue",
    "video3": "nothing but a green square",
}
ODD = {
    "<img src=x onerror=alert(1)>": "key with markup",
    "video1": HOSTILE,
    "video5": '"><img src=x onerror="document.title = 1">',
    "video6": "a\0dog \x1b[31m \u05db\u05dc\u05d1 \U0001f600 " + "d" * 50_000,
}
"""Shown are the first four clips of a record."""
VOID = {"meta", "img", "br", "link", "input", "hr", "line", "circle"}


class Elements(HTMLParser):
    """Every element with its attributes, and whether all are closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag, (tag, self.getpos())

    def all(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.found if tag == name]


def default_run(runs: Path, captions=CAPTIONS) -> None:
    directory = row(runs, "msrvtt", "zero_shot", **VALUES)
    for step in range(9, 100, 10):
        losses = {"loss": 9 / step, "latent_nce": 4 / step, "lexicon_nce": 5 / step}
        directory.metrics_log.append(
            step, {**losses, "video_active": 100.0 - step, "text_active": 50.0}
        )
    give_samples(directory, samples(captions))


def made(runs: Path) -> str:
    assert report.main(["--runs", str(runs), "--out", str(runs)]) == 0
    return (runs / report.NAME).read_text()


def part(page: str, name: str) -> str:
    """A section of the page."""
    return page.partition(f'<h2 id="{name}">')[2].partition("</section>")[0]


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> Path:
    """The default run with samples, and two further depths; their report lies beside them."""
    folder = tmp_path_factory.mktemp("runs")
    default_run(folder)
    for depth in (0, 12):
        row(folder, "stem_depth", f"N={depth}", **VALUES)
    made(folder)
    return folder


@pytest.fixture(scope="module")
def page(runs) -> str:
    return (runs / report.NAME).read_text()


def test_the_page_needs_nothing_but_itself(page):
    elements = Elements(page)
    assert not elements.open
    assert [i["src"][:22] for i in elements.all("img")]
    assert all(image["src"].startswith("data:image/png;base64,") for image in elements.all("img"))
    assert not elements.all("link") and not [s for s in elements.all("script") if "src" in s]
    assert set(re.findall(r"url\(\"?(.{5})", page)) <= {"data:", "${can"}
    assert "@import" not in page


def test_names_of_elements_are_unique_and_contents_lead_to_them(page):
    elements = Elements(page)
    names = [attributes["id"] for _, attributes in elements.found if "id" in attributes]
    assert len(names) == len(set(names))
    links = [a["href"][1:] for a in elements.all("a") if a["href"].startswith("#")]
    assert set(links) <= set(names)
    assert {"tables", "figures", "claims", "gallery", "choices", "missing"} <= set(links)


def test_pictures_and_regions_have_names_and_headings_have_no_gaps(page):
    elements = Elements(page)
    assert all(image["alt"] for image in elements.all("img"))
    regions = [a for _, a in elements.found if a.get("role") in ("region", "img")]
    assert regions and all(attributes["aria-label"] for attributes in regions)
    levels = [int(tag[1]) for tag, _ in elements.found if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert len(elements.all("table")) == len(elements.all("thead"))


def test_each_preview_is_embedded_once_and_the_right_answer_is_marked_in_words(runs, page):
    preview = next(runs.glob("msrvtt/*/previews/video0.webp")).read_bytes()
    assert page.count(base64.b64encode(preview).decode()) == 1
    gallery = part(page, "gallery")
    assert gallery.count("video0: a red square moves to the right") > 3
    assert gallery.count("right answer</span>") == 3 * (1 + 3)
    assert "one of those spread evenly" in gallery


def test_matching_words_have_bars_and_shares(page):
    assert '<th scope="row">red</th>' in page
    assert 'style="width: 100.0%"' in page and 'style="width: 50.0%"' in page
    assert "25&nbsp;%" in page


def test_captions_and_names_from_records_are_text_wherever_they_stand(tmp_path):
    default_run(tmp_path, ODD)
    directory = row(tmp_path, "flops", "normalised", result={"seconds": {"total": 60}}, **VALUES)
    write_json(directory.environment_path, {"processor": HOSTILE, "git": {"commit": "<b>c"}})
    failed = row(tmp_path, "stem_depth", "N=0", **VALUES)
    failed.result_path.unlink()
    failed.fail(RuntimeError(HOSTILE))
    page = made(tmp_path)
    scripts = len(Elements(page).all("script"))
    assert scripts == 1
    assert "&lt;script&gt;document.title" in page
    assert "<script>document.title" not in page
    assert "<img src=x" not in page and "<b>c" not in page
    assert "{{ 7 * 7 }}" in page
    assert '"><img' not in page and "a\ufffddog" in page and "\x1b" not in page
    assert "d" * 300 in page and "d" * 500 not in page


def test_without_samples_the_command_that_makes_them_is_named(tmp_path):
    row(tmp_path, "msrvtt", "zero_shot", **VALUES)
    gallery = part(made(tmp_path), "gallery")
    assert "python experiments/sweep.py msrvtt --only zero_shot" in gallery


def test_damaged_samples_and_results_are_named_and_stop_nothing(tmp_path):
    default_run(tmp_path)
    (path,) = tmp_path.glob("msrvtt/*/samples.json")
    path.write_text(path.read_text()[:100])
    cut = row(tmp_path, "stem_depth", "N=0", **VALUES)
    cut.result_path.write_text("{")
    page = made(tmp_path)
    assert "samples.json is damaged" in page
    assert f"stem_depth/{cut.path.name}" in part(page, "missing")
    assert "53.0" in page


def test_figures_that_cannot_be_drawn_are_named_with_their_command(page):
    figures = part(page, "figures")
    assert figures.count("Not drawn: ") == 2
    assert "python experiments/sweep.py semantics_grounding" in figures


def test_its_size_is_said(tmp_path, capsys):
    row(tmp_path, "flops", "normalised", **VALUES)
    made(tmp_path)
    said = capsys.readouterr().out.strip()
    size = (tmp_path / report.NAME).stat().st_size / 1e6
    assert said == f"wrote {tmp_path / report.NAME} ({size:.1f} MB)"
    assert size < 5


def test_without_runs_one_line_says_so(tmp_path, capsys):
    assert report.main(["--runs", str(tmp_path)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "python experiments/sweep.py paper" in line
    assert not list(tmp_path.iterdir())


OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
BROKEN = """[...document.images].filter((i) => !i.complete || !i.naturalWidth).length"""
OPEN = """for (const each of document.querySelectorAll("details")) each.open = true"""
CLIPS = """Promise.all([...document.querySelectorAll("[data-clip]")].map((clip) => {
  const picture = new Image();
  picture.src = getComputedStyle(clip).backgroundImage.slice(5, -2);
  return picture.decode().then(() => clip.clientWidth > 20 && clip.clientHeight > 20, () => false);
}))"""
PAUSE = """document.querySelector("[data-still]").click()"""
STILL = """getComputedStyle(document.querySelector("[data-clip]")).backgroundImage.slice(5, 21)"""


@pytest.mark.slow
@pytest.mark.skipif(chromium.installed() is None, reason="no Chromium or Chrome on PATH")
def test_a_real_browser_shows_it_at_every_width_without_complaint(runs, tmp_path):
    with chromium.browser(tmp_path / "profile") as tab:
        for width in (1440, 768, 375):
            tab.open(runs / report.NAME, width=width)
            assert tab.evaluate("innerWidth") == width
            assert tab.evaluate(OVERFLOW) <= 0, width
            tab.evaluate(OPEN)
            assert tab.evaluate(OVERFLOW) <= 0, width
            assert tab.evaluate("document.images.length") > 0
            assert tab.evaluate(BROKEN) == 0
            clips = tab.evaluate(CLIPS)
            assert len(clips) > 12 and all(clips)
        assert tab.evaluate("document.title") == "UNIFY: results beside the paper's"
        assert tab.complaints() == []


@pytest.mark.slow
@pytest.mark.skipif(chromium.installed() is None, reason="no Chromium or Chrome on PATH")
def test_a_real_browser_takes_no_caption_for_anything_but_text(tmp_path):
    default_run(tmp_path, ODD)
    made(tmp_path)
    with chromium.browser(tmp_path / "profile") as tab:
        tab.open(tmp_path / report.NAME, width=375)
        tab.evaluate(OPEN)
        assert tab.evaluate(OVERFLOW) <= 0
        assert tab.evaluate("document.title") == "UNIFY: results beside the paper's"
        assert tab.evaluate("document.querySelectorAll('[onerror]').length") == 0
        text = tab.evaluate("document.body.textContent")
        assert ODD["video5"] in text and HOSTILE.split(" ")[0] in text and "\0" not in text
        assert tab.complaints() == []


@pytest.mark.slow
@pytest.mark.skipif(chromium.installed() is None, reason="no Chromium or Chrome on PATH")
def test_clips_can_be_paused_and_contents_opened_by_hand(runs, tmp_path):
    with chromium.browser(tmp_path / "profile") as tab:
        tab.open(runs / report.NAME, width=375)
        assert tab.evaluate(STILL) == "data:image/webp;"
        tab.evaluate(PAUSE)
        tab.evaluate("new Promise((done) => setTimeout(done, 500))")
        assert tab.evaluate(STILL) == "data:image/png;b"
        tab.evaluate(PAUSE)
        assert tab.evaluate(STILL) == "data:image/webp;"
        shown = """document.querySelector("nav ol").checkVisibility()"""
        assert not tab.evaluate(shown)
        tab.evaluate("""document.querySelector("nav button").click()""")
        assert tab.evaluate(shown)
        assert tab.complaints() == []


def test_names_of_claims_stand_beside_them_and_lead_to_them(page):
    claims = part(page, "claims")
    for claim in CLAIMS:
        assert f'<article class="claim" id="{claim.name}">' in claims
        link = f'<a href="#{claim.name}"><code>{claim.name}</code></a>'
        assert claims.count(link) == 2, claim.name


def test_claims_that_were_not_run_show_the_difference_of_the_paper(page):
    (claim,) = re.findall(r'id="tuned_over_tcp">.*?</article>', page, re.DOTALL)
    assert '<td data-head="paper" class="number">+4.8</td>' in claim
