"""The config that a command starts from: a preset with the user's changes."""

from collections.abc import Mapping
from pathlib import Path

from experiments.variants import Sweep
from unify.config import PRESETS, RunConfig
from unify.config.codec import override
from unify.config.errors import ConfigError


def base_config(
    preset: str, changes: Mapping[str, str], data_root: Path | None = None
) -> RunConfig:
    """The preset, changed; ConfigError names what is unknown or wrong.

    The data root is absolute: the run directory is used from other folders too.
    """
    config = override(PRESETS[preset](), changes)
    root = Path(data_root or config.data.root).expanduser().absolute()
    return override(config, {"data.root": str(root)})


def check_effect(sweep: Sweep, preset: str, changes: Mapping[str, str]) -> None:
    """ConfigError for a change that the sweep overwrites in every run."""
    changed = base_config(preset, changes)
    for name in changes:
        other = base_config(preset, {key: changes[key] for key in changes if key != name})
        if other != changed and sweep.variants(other) == sweep.variants(changed):
            raise ConfigError(f"{sweep.name} sets {name} itself; choose its runs with --only")
