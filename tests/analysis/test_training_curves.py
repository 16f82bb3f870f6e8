import pytest
from hand_made import row, rows

from analysis import training_curves
from analysis.study import read_study
from experiments.registry import SWEEPS
from unify.config import PRESETS, with_seed
from unify.records import RunDirectory

DEFAULT = "both branches, distilled (UNIFY)"


def logged(directory, *losses, **more):
    for step, loss in enumerate(losses):
        directory.metrics_log.append(10 * step + 9, {"latent_nce": loss, **more})


def latent_alone(runs, seed=0):
    """The training behind the latent branch of the row without sharing."""
    variants = SWEEPS["unified_learning"].variants(PRESETS["mini"]())
    (fusion,) = [v.config for v in variants if v.label == "no_sharing"]
    config = with_seed(fusion.latent, seed)
    path = runs / "unified_learning" / f"latent-{seed}"
    directory = RunDirectory.create(path, config, label="latent", sweep="x", parents={})
    directory.finish({**directory.meta(), "seed": seed, "metrics": rows({"latent": 1.0})})
    return directory


def test_each_point_is_the_mean_over_seeds_between_the_lowest_and_the_highest(tmp_path):
    for seed, losses in enumerate([(8.0, 4.0), (6.0, 3.0), (7.0, 2.0)]):
        logged(row(tmp_path, "msrvtt", "zero_shot", seed, latent=1.0), *losses)
    found = training_curves.curves(read_study(tmp_path), "mini")
    assert found.to_dict("records") == [
        {"row": DEFAULT, "term": "latent_nce", "step": 10, "mean": 7.0, "low": 6.0, "high": 8.0},
        {"row": DEFAULT, "term": "latent_nce", "step": 20, "mean": 3.0, "low": 2.0, "high": 4.0},
    ]


def test_terms_that_are_off_have_no_curve(tmp_path):
    directory = row(tmp_path, "semantics_grounding", "no_tsg", lexicon=1.0)
    directory.metrics_log.append(
        9, {"lexicon_nce": 5.0, "video_active": 90.0, "learning_rate": 1.0}
    )
    found = training_curves.curves(read_study(tmp_path), "mini")
    assert set(found["term"]) == {"lexicon_nce", "video_active"}
    assert set(found["row"]) == {"lexicon alone: neither"}


def test_the_row_without_sharing_shows_the_training_of_its_latent_branch(tmp_path):
    logged(latent_alone(tmp_path), 5.0, 4.0)
    found = training_curves.curves(read_study(tmp_path), "mini")
    assert set(found["row"]) == {"latent branch alone"}
    assert list(found["mean"]) == [5.0, 4.0]


def test_they_are_drawn_the_same_bytes_each_time(tmp_path):
    for seed in range(2):
        logged(row(tmp_path, "msrvtt", "zero_shot", seed, latent=1.0), 8.0, 4.0, flops=3.0)
    study = read_study(tmp_path)
    paths = [training_curves.write(study, tmp_path / name) for name in ("one", "two")]
    first, second = ([path.read_bytes() for path in written] for written in paths)
    assert [path.name for path in paths[0]] == [
        f"training_curves.{kind}" for kind in ("png", "pdf", "md")
    ]
    assert first[0].startswith(b"\x89PNG") and first[1].startswith(b"%PDF")
    assert first == second


def test_rows_without_runs_are_named_with_their_command(tmp_path):
    logged(row(tmp_path, "msrvtt", "zero_shot", latent=1.0), 8.0)
    caption = training_curves.caption(read_study(tmp_path))
    assert "preset mini, 1 seed:" in caption
    assert "Not run: sharing, no_sharing; `python experiments/sweep.py unified_learning" in caption
    assert "--only no_tsg freeze_only mlm_only tsg" in caption


@pytest.mark.parametrize("finished", [False, True], ids=["no run", "a run without a log"])
def test_without_logs_one_line_says_which_command_makes_them(tmp_path, capsys, finished):
    if finished:
        row(tmp_path, "msrvtt", "zero_shot", latent=1.0)
    assert training_curves.main(["--runs", str(tmp_path)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("training_curves.py: no finished run for the training curves; python")


@pytest.mark.parametrize(
    "damage", ['{"step": \n', "3\n", '{"step": 9, "latent_nce": "low"}\n', "[" * 100_000 + "\n"]
)
def test_a_damaged_log_is_named_and_the_other_runs_are_drawn(tmp_path, caplog, damage):
    logged(row(tmp_path, "msrvtt", "zero_shot", 0, latent=1.0), 8.0)
    broken = row(tmp_path, "msrvtt", "zero_shot", 1, latent=1.0).metrics_log.path
    broken.write_text(damage)
    assert training_curves.main(["--runs", str(tmp_path)]) == 0
    (line,) = caplog.messages
    assert line.startswith(f"left out {broken}") and "\n" not in line
    found = training_curves.curves(read_study(tmp_path), "mini")
    assert list(found["mean"]) == [8.0]
