"""Lower floors never import upper ones, and light commands stay light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

FLOORS = (
    ("unify.config",),
    (
        "unify.reasons",
        "unify.files",
        "unify.locks",
        "unify.metrics_log",
        "unify.environment",
        "unify.code_state",
        "unify.interruption",
        "unify.processes",
        "unify.attempts",
        "unify.checksum",
        "unify.damage",
    ),
    ("unify.records",),
    ("unify.data",),
    ("unify.kernels",),
    ("unify.models",),
    ("unify.losses",),
    ("unify.systems",),
    ("unify.training",),
    ("unify.evaluation",),
    ("unify.runs",),
    ("slurm",),
    ("experiments",),
    ("analysis",),
)
"""From the lowest up; names that stand together may import each other."""

FILES = [
    p for top in ("unify", "slurm", "experiments", "analysis") for p in ROOT.glob(f"{top}/**/*.py")
]


def floor(module: str) -> int | None:
    for height, names in enumerate(FLOORS):
        if any(module == name or module.startswith(f"{name}.") for name in names):
            return height
    return None


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return found


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_no_module_imports_a_floor_above_its_own(path):
    own = floor(module_name(path))
    for name in imports(path):
        other = floor(name)
        assert own is None or other is None or other <= own, name


@pytest.mark.parametrize("path", sorted(ROOT.glob("slurm/**/*.py")), ids=module_name)
def test_slurm_knows_nothing_of_unify(path):
    assert not [name for name in imports(path) if name.split(".")[0] in ("unify", "experiments")]


@pytest.mark.parametrize(
    "modules",
    [
        "unify.config, unify.records",
        "experiments.sweep, experiments.launch, experiments.summary, experiments.run",
        "experiments.cluster, experiments.follower, experiments.remote, experiments.standing",
        "experiments.data",
        "experiments.benchmarks.lexicon_head, experiments.benchmarks.zero_stages",
        "unify.data.doctor, unify.data.decoding, unify.data.storage, unify.data.prepare.work",
        "slurm.executors, slurm.pool, submitit",
        "analysis.figure6",
        "analysis.performance",
        "analysis.pages.page, analysis.pages.report_html, analysis.export",
    ],
)
def test_what_must_answer_at_once_never_imports_torch(modules):
    check = f"import sys, {modules}; print([m for m in ('torch', 'deepspeed') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", check], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr


def test_planning_imports_neither_numpy_nor_pandas_nor_submitit():
    heavy = ("numpy", "pandas", "matplotlib", "submitit", "rich", "torch")
    check = f"import sys, experiments.sweep; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", check], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr
