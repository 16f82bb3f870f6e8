import csv
import re
from html.parser import HTMLParser
from io import StringIO

import pytest
from hand_made import coverage, row
from hand_made_tables import study, table4_as_published

from analysis import choices, table1, table2, table3, table4, table5
from analysis.tabulate import formats
from analysis.tabulate.as_latex import escaped
from analysis.tabulate.table import Column, Missing, Row, Section, Shown, Table

MODULES = (table1, table2, table3, table4, table5)
VOID = {"br", "hr", "img"}


class Cells(HTMLParser):
    """Width of each row of a table, and whether tags are balanced."""

    def __init__(self, text):
        super().__init__()
        self.widths, self.open, self.texts = [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.open += [] if tag in VOID else [tag]
        if tag == "tr":
            self.widths.append(0)
        if tag in ("td", "th"):
            self.widths[-1] += int(dict(attrs).get("colspan", 1))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def small(**changes):
    """A table with one of everything, and every sign that formats must escape."""
    columns = (
        Column(source="published", group="published", metric="R@1", pool="a"),
        Column(source="paper", group="ours", metric="R@1", pool="a"),
    )
    differs = Shown(mean=31.25, std=0.5, seeds=3, status="differs", side="higher", rank=1)
    rows = (
        Row(
            texts=(r"50% & <b>_#$^~{\|}", "x"),
            shown=(Shown(mean=28.0, status="published", rank=2), differs),
            marks=(1,),
        ),
        Row(texts=("other", "y"), shown=(Shown(mean=7.0, status="published"), Shown())),
        Row(
            texts=("late", "z"),
            shown=(Shown(mean=6.0, status="published"), Shown(status="not run", tolerance=2.5)),
        ),
    )
    given = {
        "name": "Table 9",
        "number": 9,
        "title": "A < B & C",
        "heads": ("name", "about"),
        "columns": columns,
        "sections": (Section(title="part", rows=rows),),
        "notes": ("100 % <sure>",),
        "remarks": ("Read it.",),
        "missing": (Missing(what="late", command="python x.py --only 'a<b'"),),
    }
    return Table(**{**given, **changes})


@pytest.fixture
def full(tmp_path):
    """A study with numbers of both presets, one of them off, and a spread."""
    table4_as_published(tmp_path, B={"latent": {"R@1": 40.0}})
    for seed in range(3):
        row(tmp_path, "unified_learning", "sharing", seed, latent=30.0 + seed, lexicon=20, fused=9)
    return study(tmp_path)


def test_markdown_has_numbers_marks_dashes_and_what_is_missing():
    text = formats.markdown(small())
    assert text.startswith("### Table 9: A < B & C\n")
    assert "| published R@1 | ours R@1 |" in text
    assert r"| 50% & <b>_#$^~{\\|} [1] | x | <u>28.0</u> | **31.2 ± 0.5** (higher) |" in text
    assert "| other | y | 7.0 |  |\n" in text
    assert "| late | z | 6.0 | - |\n" in text
    assert "[1] 100 % <sure>" in text and "Read it." in text
    assert "- late: `python x.py --only 'a<b'`" in text


def test_every_line_of_a_markdown_table_has_all_columns(full):
    for module in MODULES:
        lines = [x for x in formats.markdown(module.table(full)).splitlines() if x[:1] == "|"]
        assert len({line.count("|") for line in lines}) == 1


def test_latex_escapes_what_it_would_take_for_its_own():
    assert escaped("50% & a_b #1 $2 {x} ~ ^ \\") == (
        r"50\% \& a\_b \#1 \$2 \{x\} \textasciitilde{} \textasciicircum{} \textbackslash{}"
    )
    text = formats.latex(small())
    assert r"\caption{A \textless{} B \& C; Table 9 of the paper}" in text
    assert r"\underline{28.0}" in text and r"\textbf{31.2 $\pm$ 0.5}\,$\uparrow$" in text
    assert r"\textsuperscript{1}100 \% \textless{}sure\textgreater{}" in text
    assert r"late & z & 6.0 & -- \\" in text
    assert "% late: python x.py --only 'a<b'" in text


def test_latex_is_ascii_with_balanced_braces_and_rows_of_one_width(full):
    for text in map(formats.latex, (small(), *(module.table(full) for module in MODULES))):
        assert text.isascii()
        body = [line for line in text.splitlines() if not line.startswith("%")]
        bare = re.sub(r"\\[{}]", "", "\n".join(body))
        assert bare.count("{") == bare.count("}")
        assert bare.count(r"\begin") == bare.count(r"\end") == 2
        assert all(rule in bare for rule in (r"\toprule", r"\midrule", r"\bottomrule"))
        (spec,) = re.findall(r"\\begin{tabular}{(\w+)}", text)
        rows = [line for line in body if line.endswith(r"\\")]
        assert {_width(line) for line in rows} == {len(spec)}


def _width(line):
    spans = [int(n) - 1 for n in re.findall(r"\\multicolumn{(\d+)}", line)]
    return len(re.findall(r"(?<!\\)&", line)) + 1 + sum(spans)


def test_html_is_balanced_with_rows_of_one_width_and_escaped(full):
    for table in (small(), *(module.table(full) for module in MODULES)):
        found = Cells(formats.html(table))
        first, second, *rest = found.widths
        assert first == second + len(table.heads)
        assert set(rest) == {first}
    texts = "".join(Cells(formats.html(small())).texts)
    assert r"50% & <b>_#$^~{\|}" in texts and "python x.py --only 'a<b'" in texts


def test_html_tells_statuses_apart():
    text = formats.html(small())
    assert '<td class="number differs"><b>31.2 \u00b1 0.5</b> <small>higher</small></td>' in text
    assert '<td class="number not-run">&ndash;</td>' in text
    assert '<td class="number published"><u>28.0</u></td>' in text
    assert "<td></td>" in text


def test_csv_has_spread_seeds_tolerance_and_status_of_ours_and_nothing_for_what_is_missing():
    first, _, late = csv.DictReader(StringIO(formats.csv(small())))
    assert first["name"] == r"50% & <b>_#$^~{\|}"
    assert (first["published R@1"], first["ours R@1"]) == ("28", "31.25")
    assert (first["ours R@1 std"], first["ours R@1 seeds"]) == ("0.5", "3")
    assert first["ours R@1 status"] == "differs"
    assert (late["ours R@1"], late["ours R@1 std"]) == ("", "")
    assert (late["ours R@1 tolerance"], late["ours R@1 status"]) == ("2.5", "not run")


def test_tidy_has_a_line_per_cell_to_measure_and_one_more_per_miniature(full):
    text = formats.tidy(table4.table(full))
    header = "table,row,method,dataset,direction,metric,paper,ours,std,seeds,preset,status,coverage"
    assert text.splitlines()[0] == header
    lines = list(csv.DictReader(StringIO(text)))
    assert sum(line["preset"] == "paper" for line in lines) == 36
    assert sum(line["preset"] == "mini" for line in lines) == 12
    (off,) = [line for line in lines if line["status"] == "differs"]
    assert list(off.values()) == [
        *("4", "B (sharing)", "UNIFY-Latent", "MSR-VTT", "t2v", "R@1"),
        *("26.9", "40", "", "1", "paper", "differs", ""),
    ]
    spread = next(line for line in lines if line["preset"] == "mini")
    assert [spread[name] for name in ("paper", "ours", "std", "seeds", "status")] == [
        *("", "31", "1", "3", "miniature")
    ]


def test_tidy_of_what_was_not_run_has_the_published_value_and_no_zero(tmp_path):
    lines = list(csv.DictReader(StringIO(formats.tidy(table3.table(study(tmp_path))))))
    assert [line["metric"] for line in lines[:4]] == ["S1", "S2", "S3", "Mean"]
    assert {(line["ours"], line["seeds"], line["status"]) for line in lines} == {
        ("", "0", "not run")
    }
    assert lines[0]["paper"] == "38.9"


def test_what_is_of_a_part_of_a_test_set_says_so_in_every_format(tmp_path):
    part = {"coverage": {"msrvtt/test_1ka": coverage(990, 1000)}}
    row(tmp_path, "unified_learning", "sharing", preset="paper", result=part, latent=26.9)
    table = table4.table(study(tmp_path))
    assert "| 26.9 (incomplete: 990 of 1000 clips) |" in formats.markdown(table)
    assert r"26.9\,{\tiny (incomplete: 990 of 1000 clips)}" in formats.latex(table)
    cell = '<td class="number incomplete">26.9 <small>incomplete: 990 of 1000 clips</small></td>'
    assert cell in formats.html(table)
    for text in (formats.markdown(table), formats.latex(table), formats.html(table)):
        assert "INCOMPLETE TEST SETS, so not the paper" in text
    shown = list(csv.DictReader(StringIO(formats.csv(table))))
    (line,) = [each for each in shown if each["ours R@1"]]
    assert (line["ours R@1 coverage"], line["ours R@1 status"]) == (
        *("990 of 1000 clips", "incomplete"),
    )
    lines = csv.DictReader(StringIO(formats.tidy(table)))
    (line,) = [each for each in lines if each["metric"] == "R@1" and each["ours"]]
    assert (line["status"], line["coverage"]) == ("incomplete", "990 of 1000 clips")


def test_tables_of_choices_say_it_too(tmp_path):
    part = {"coverage": {"msrvtt/test_1ka": coverage(39, 40, published=False)}}
    row(tmp_path, "flops", "normalised", result=part, fused=9.0)
    (table,) = [t for t in choices.tables(study(tmp_path)) if t.name == "flops_mini"]
    assert "9.0 (incomplete: 39 of 40 clips)" in formats.markdown(table)


def test_each_format_has_a_file_and_files_are_what_is_printed(full, tmp_path):
    paths = table4.write(full, tmp_path / "out")
    assert [path.name for path in paths] == ["table4.md", "table4.tex", "table4.csv"]
    assert {path.parent for path in paths} == {tmp_path / "out" / "tables"}
    texts = [path.read_text(encoding="utf-8") for path in paths]
    table = table4.table(full)
    assert texts == [formats.markdown(table), formats.latex(table), formats.csv(table)]


def test_open_choices_are_printed_in_every_format(full):
    for table in choices.tables(full):
        assert len(set(Cells(formats.html(table)).widths[2:])) == 1
        assert formats.latex(table).isascii()
        assert table.title in formats.markdown(table)


def test_columns_of_a_preset_without_any_run_are_left_out_of_pages_and_said_so(tmp_path):
    row(tmp_path, "unified_learning", "sharing", latent=30.0, lexicon=20.0, fused=9.0)
    table = table4.table(study(tmp_path))
    for text in (formats.markdown(table), formats.html(table)):
        assert "ours: none of these cells was run" in text
        assert "miniature (mini)" in text
    assert "ours R@1" not in formats.markdown(table)
    assert len(set(Cells(formats.html(table)).widths[2:])) == 1
    assert "ours R@1" in formats.csv(table)


def test_columns_of_a_preset_with_a_run_stay(full):
    text = formats.markdown(table4.table(full))
    assert "ours R@1" in text and "none of these cells" not in text
