import csv
from io import StringIO

import pytest
from hand_made import row
from hand_made_tables import study

from analysis import choices
from experiments.registry import SWEEPS
from unify.config import PRESETS

WORDS = {"video_active": 42.0, "text_active": 7.0, "video_relevant": 0.25}


def lexicon(**words):
    return {"lexicon": {"msrvtt/test_1ka": {**WORDS, **words}}}


def table_of(tables, sweep):
    return next(table for table in tables if table.name.startswith(f"{sweep}_"))


def lines(table):
    """Label -> "group metric" -> number."""
    names = [f"{column.group} {column.metric}" for column in table.columns]
    return {
        row.texts[0]: dict(zip(names, row.shown, strict=True))
        for section in table.sections
        for row in section.rows
    }


def test_every_open_choice_has_a_table_with_all_its_variants(tmp_path):
    tables = choices.tables(study(tmp_path))
    base = PRESETS["mini"]()
    chosen = [sweep for sweep in SWEEPS.values() if sweep.choice]
    assert [table.name for table in tables] == [f"{sweep.name}_mini" for sweep in chosen]
    for table, sweep in zip(tables, chosen, strict=True):
        labels = [label.removesuffix(" (default)") for label in lines(table)]
        assert labels == [variant.label for variant in sweep.variants(base)]
        assert table.number is None and sweep.title in table.title


def test_every_choice_marks_the_default_once_unless_no_variant_is_it(tmp_path):
    marked = {
        table.name: [label for label in lines(table) if label.endswith("(default)")]
        for table in choices.tables(study(tmp_path))
    }
    assert marked["fusion_ratio_mini"] == ["share=0.5 (default)"]
    assert marked["mlm_ratio_mini"] == ["mlm_ratio=0.15 (default)"]
    assert marked["temperature_mini"] == ["tau=0.05 (default)"]
    assert all(len(labels) == 1 for labels in marked.values())


def test_recalls_and_words_are_means_over_seeds(tmp_path):
    for seed, value in enumerate((30.0, 40.0)):
        words = lexicon(video_active=100.0 + 20 * seed)
        row(tmp_path, "mlm_ratio", "mlm_ratio=0.3", seed, result=words, latent=value, fused=9.0)
    found = lines(table_of(choices.tables(study(tmp_path)), "mlm_ratio"))["mlm_ratio=0.3"]
    assert (found["latent R@1"].mean, found["latent R@1"].seeds) == (35.0, 2)
    assert found["latent R@1"].std == pytest.approx(50**0.5)
    assert found["words per clip"].mean == 110.0
    assert found["words relevant (%)"].mean == 25.0
    assert found["lexicon R@1"].mean is None


def test_a_record_without_words_has_dashes_there(tmp_path):
    row(tmp_path, "mlm_ratio", "mlm_ratio=0.3", latent=30.0)
    found = lines(table_of(choices.tables(study(tmp_path)), "mlm_ratio"))["mlm_ratio=0.3"]
    assert found["words per clip"].mean is found["words relevant (%)"].mean is None


def test_variants_without_runs_are_named_in_one_command(tmp_path):
    row(tmp_path, "mlm_ratio", "mlm_ratio=0.3", latent=30.0)
    tables = choices.tables(study(tmp_path))
    (some,) = table_of(tables, "mlm_ratio").missing
    assert some.command.startswith(
        "python experiments/sweep.py mlm_ratio --only mlm_ratio=0.05 mlm_ratio=0.15 mlm_ratio=0.5"
    )
    (all_of_them,) = table_of(tables, "num_frames").missing
    assert all_of_them.command.startswith("python experiments/sweep.py num_frames")
    assert "--only" not in all_of_them.command


def test_the_best_is_marked_per_representation_and_the_number_of_words_is_not(tmp_path):
    row(tmp_path, "mlm_ratio", "mlm_ratio=0.3", result=lexicon(), latent=30.0, lexicon=50.0)
    more = lexicon(video_active=99.0)
    row(tmp_path, "mlm_ratio", "mlm_ratio=0.5", result=more, latent=31.0, lexicon=40.0)
    found = lines(table_of(choices.tables(study(tmp_path)), "mlm_ratio"))
    low, high = found["mlm_ratio=0.3"], found["mlm_ratio=0.5"]
    assert [low["latent R@1"].rank, high["latent R@1"].rank] == [2, 1]
    assert [low["lexicon R@1"].rank, high["lexicon R@1"].rank] == [1, 2]
    assert low["words per clip"].rank == high["words per clip"].rank == 0


def test_each_preset_has_a_table_of_its_own(tmp_path):
    for preset in ("mini", "paper"):
        row(tmp_path, "mlm_ratio", "mlm_ratio=0.3", preset=preset, latent=30.0)
    names = [table.name for table in choices.tables(study(tmp_path))]
    assert names[names.index("mlm_ratio_paper") + 1] == "mlm_ratio_mini"
    assert "num_frames_paper" not in names


def test_an_evaluation_of_trained_branches_counts(tmp_path):
    row(tmp_path, "fusion_ratio", "share=0.25", latent=1.0, lexicon=2.0, fused=33.0)
    found = lines(table_of(choices.tables(study(tmp_path)), "fusion_ratio"))
    assert found["share=0.25"]["fused R@5"].mean == 33.0


def test_all_tables_are_written_into_a_file_per_format(tmp_path, capsys):
    runs = tmp_path / "runs"
    row(runs, "mlm_ratio", "mlm_ratio=0.3", latent=30.0)
    assert choices.main(["--runs", str(runs), "--out", str(tmp_path / "out")]) == 0
    captured = capsys.readouterr()
    folder = tmp_path / "out" / "tables"
    written = [str(folder / f"choices.{ending}") for ending in ("md", "tex", "csv")]
    assert captured.err.splitlines() == [f"wrote {path}" for path in written]
    assert captured.out == (folder / "choices.md").read_text(encoding="utf-8")
    found = list(csv.DictReader(StringIO((folder / "choices.csv").read_text())))
    (ours,) = [line for line in found if line["variant"] == "mlm_ratio=0.3"]
    assert (ours["part"], ours["latent R@1"], ours["fused R@1"]) == ("mlm_ratio_mini", "30", "")


def test_a_column_in_which_all_rows_are_equal_has_no_best(tmp_path):
    for share, fused in (("0.25", 40.0), ("0.75", 30.0)):
        row(tmp_path, "fusion_ratio", f"share={share}", latent=20.0, fused=fused)
    found = lines(table_of(choices.tables(study(tmp_path)), "fusion_ratio"))
    ranks = {
        name: [row[name].rank for row in found.values() if row[name].mean is not None]
        for name in ("latent R@1", "fused R@1")
    }
    assert ranks == {"latent R@1": [0, 0], "fused R@1": [1, 2]}
