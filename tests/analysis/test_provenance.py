import pytest
from hand_made import row

from analysis.pages.missing import missing
from analysis.pages.provenance import counted, failures, provenance, used
from analysis.study import read_study
from experiments.registry import SWEEPS
from unify.config import PRESETS, family, signature, warm_starts
from unify.files import write_json
from unify.records import RunDirectory

SECONDS = {"seconds": {"total": 60}}
VALUES = {"latent": 30.0, "lexicon": 40.0, "fused": 50.0}


def surround(directory: RunDirectory, **fields) -> None:
    known = {"cpus": 2, "processor": "AMD EPYC", "gpus": []}
    git = {"commit": "0123456789abcdef", "dirty": False}
    write_json(directory.environment_path, {**known, "git": git, **fields})


def of(runs, preset="mini"):
    return provenance(used(read_study(runs, preset)))


def test_a_run_is_named_with_seed_commit_machine_and_minutes(tmp_path):
    directory = row(tmp_path, "flops", "normalised", 2, result={"seconds": {"total": 90}}, **VALUES)
    surround(directory)
    (found,) = of(tmp_path)
    assert (found.name, found.seed, found.commit) == ("flops/normalised", 2, "0123456")
    assert (found.machine, found.minutes) == ("2 cores of AMD EPYC", 1.5)


def test_changes_to_the_commit_and_gpus_are_said(tmp_path):
    directory = row(tmp_path, "flops", "normalised", **VALUES)
    gpus = ["NVIDIA A100, 535.1"] * 8
    surround(directory, gpus=gpus, git={"commit": "0123456789abcdef", "dirty": True})
    (found,) = of(tmp_path)
    assert (found.commit, found.machine) == ("0123456+", "8 x NVIDIA A100")


@pytest.mark.parametrize(
    "environment", [None, "{", "[]", "[" * 100_000, '{"git": 3, "gpus": 0, "cpus": null}']
)
def test_what_is_not_recorded_is_left_open(tmp_path, environment):
    directory = row(tmp_path, "flops", "normalised", result={"seconds": []}, **VALUES)
    if environment is not None:
        directory.environment_path.write_text(environment)
    (found,) = of(tmp_path)
    assert (found.commit, found.machine, found.minutes) == ("", "", None)


def test_a_run_that_two_sweeps_share_counts_once(tmp_path):
    row(tmp_path, "stem_depth", "N=9", **VALUES)
    study = read_study(tmp_path)
    assert study.runs("mini", "msrvtt", "zero_shot") == study.runs("mini", "stem_depth", "N=9")
    assert len(used(study)) == 1


def test_runs_of_other_presets_are_not_among_those_shown(tmp_path):
    row(tmp_path, "stem_depth", "N=9", preset="smoke", **VALUES)
    assert of(tmp_path) == []
    assert len(of(tmp_path, "smoke")) == 1


def test_whole_warm_starts_come_first(tmp_path):
    parents = {}
    for part, start in warm_starts(PRESETS["mini"]()).items():
        path = tmp_path / "warm_start" / f"{part}-{signature(start)}"
        warm = RunDirectory.create(path, start, label=part, sweep="warm_start", parents={})
        warm.finish({**warm.meta(), "metrics": [{"metric": "loss", "value": 1.0}]})
        parents[part] = f"../../warm_start/{path.name}"
    warm.result_path.write_text("{")
    for depth in (0, 9):
        directory = row(tmp_path, "stem_depth", f"N={depth}", **VALUES)
        write_json(directory.config_path, directory.meta() | {"parents": parents})
    found = of(tmp_path)
    assert [run.is_start for run in found] == [True, False, False]
    assert found[0].name == "warm_start/text"


def test_a_training_that_only_a_fusion_uses_is_among_the_runs_once(tmp_path):
    """Table 4, A: two trainings of which one has no row of its own."""
    fusion = row(tmp_path, "unified_learning", "no_sharing", result=SECONDS, **VALUES)
    parents = {}
    for part, config in family.parents(fusion.config()).items():
        path = tmp_path / "unified_learning" / f"{part}-{signature(config)}"
        training = RunDirectory.create(path, config, label=part, sweep="x", parents={})
        rows = fusion.result()["metrics"]
        training.finish({**training.meta(), **SECONDS, "seed": 0, "metrics": rows})
        parents[part] = f"../{path.name}"
    write_json(fusion.config_path, fusion.meta() | {"parents": parents})
    found = of(tmp_path)
    assert sorted(run.name for run in found) == [
        *("unified_learning/no_sharing", "x/latent", "x/lexicon")
    ]
    assert sum(run.minutes for run in found) == 3


def test_a_parent_that_cannot_be_read_is_left_out(tmp_path):
    directory = row(tmp_path, "flops", "normalised", **VALUES)
    parents = {"text": "../nowhere", "video": "../nested"}
    write_json(directory.config_path, directory.meta() | {"parents": parents})
    nested = directory.path.parent / "nested"
    nested.mkdir()
    (nested / "config.json").write_text("[" * 100_000)
    assert len(of(tmp_path)) == 1


def test_failed_runs_are_named_with_their_error(tmp_path):
    for label in ("N=0", "N=9"):
        directory = row(tmp_path, "stem_depth", label, **VALUES)
        directory.fail(RuntimeError("out of\nmemory"))
    directory.result_path.unlink()
    found = failures(read_study(tmp_path))
    assert list(found.values()) == ["RuntimeError: out of memory"]
    assert directory.path.name in next(iter(found))


def test_what_is_missing_is_named_with_a_command_that_has_nothing_else(tmp_path):
    labels = [variant.label for variant in SWEEPS["flops"].variants(PRESETS["mini"]())]
    for label in labels[1:]:
        row(tmp_path, "flops", label, **VALUES)
    row(tmp_path, "flops", labels[0], **VALUES).result_path.unlink()
    found = {(m.column, m.sweep): m for m in missing(read_study(tmp_path))}
    assert found["mini", "flops"].labels == (labels[0],)
    assert found["mini", "flops"].command == (
        f"python experiments/sweep.py flops --only {labels[0]} --runs {tmp_path}"
    )
    whole = found["mini", "semantics_grounding"]
    assert (len(whole.labels), whole.text) == (4, "all 4 rows")
    assert whole.command == f"python experiments/sweep.py semantics_grounding --runs {tmp_path}"


def test_a_column_without_any_run_needs_one_command(tmp_path):
    row(tmp_path, "flops", "normalised", **VALUES)
    (found,) = [m for m in missing(read_study(tmp_path)) if m.column == "paper"]
    assert found.command.startswith("python experiments/sweep.py paper --preset paper --data-root")


def test_changed_settings_are_part_of_the_commands(tmp_path):
    row(tmp_path, "flops", "normalised", changes={"plan.epochs": "5"}, **VALUES)
    study = read_study(tmp_path, changes={"plan.epochs": "5"})
    commands = {m.column: m.command for m in missing(study)}
    assert "--set plan.epochs=5" in commands["altered mini"]
    assert "plan.epochs" not in commands["paper"]


def test_what_all_runs_share_is_said_without_a_count():
    assert counted(["a", "a", ""]) == "a"
    assert counted(["b", "a", "a"]) == "a (2 runs), b (1 runs)"
    assert counted([]) == ""
