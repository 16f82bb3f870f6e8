"""Command lines: options that several scripts share, and errors in one line."""

import argparse
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from slurm.profile import Profile, ProfileError, load_profile, profile_names
from unify.config import PRESETS
from unify.config.errors import ConfigError, unknown


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line, with the nearest valid name, and exit code 2."""

    def __init__(self, **settings: object) -> None:
        super().__init__(
            allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter, **settings
        )

    def parse_args(self, argv: Sequence[str] | None = None, namespace=None) -> argparse.Namespace:
        """As in argparse; an unknown option is named with the one that was probably meant."""
        options, rest = self.parse_known_args(argv, namespace)
        if rest:
            valid = [name for action in self._actions for name in action.option_strings]
            self.error(str(unknown("option", rest[0], valid)))
        return options

    def error(self, message: str) -> NoReturn:
        """Leave with code 2."""
        self.exit(2, f"{self.prog}: {message}\n")


def name_of(what: str, valid: Iterable[str]) -> Callable[[str], str]:
    """A type for arguments: one of `valid`, or an error with the nearest one."""
    names = list(valid)

    def check(text: str) -> str:
        if text not in names:
            raise argparse.ArgumentTypeError(str(unknown(what, text, names)))
        return text

    return check


def change(text: str) -> tuple[str, str]:
    """A type for arguments: NAME=VALUE."""
    name, separator, value = text.partition("=")
    if not separator:
        raise argparse.ArgumentTypeError(f"{text!r} is no NAME=VALUE, such as plan.epochs=5")
    return name, value


def positive(text: str) -> int:
    """A type for arguments: a whole number from 1 on."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 on")
    return int(text)


def natural(text: str) -> int:
    """A type for arguments: a whole number from 0 on."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 0 on")
    return int(text)


def check_seed(changes: Mapping[str, str], option: str, seeds: Sequence[int]) -> None:
    """ConfigError where `--set seed=` and an option ask for different seeds."""
    asked = changes.get("seed", "")
    if asked.isdecimal() and any(seed != int(asked) for seed in seeds):
        given = " ".join(map(str, seeds))
        raise ConfigError(f"--set seed={asked} contradicts {option} {given}; give one")


def add_config_options(parser: Parser) -> None:
    """--preset, --set, --runs and --data-root."""
    add_preset_options(parser)
    parser.add_argument(
        "--runs", type=Path, default=Path("runs"), metavar="DIR", help="folder of all runs"
    )
    parser.add_argument(
        "--data-root", type=Path, metavar="DIR", help="folder that holds the corpora"
    )


def add_launch_options(parser: Parser, *executors: str) -> None:
    """--jobs and the options of `add_place_options`: where runs are trained, and how many."""
    add_place_options(parser, *executors)
    parser.add_argument(
        "--jobs", type=positive, metavar="K", help="at once, at most; on SLURM of each array"
    )


def add_place_options(parser: Parser, *executors: str) -> None:
    """--executor, --profile and --detach: where it runs."""
    parser.add_argument(
        "--executor",
        type=name_of("executor", executors),
        default="local",
        help=f"{', '.join(executors)}: where it runs (local)",
    )
    parser.add_argument(
        "--profile", metavar="NAME", help="with slurm: one of slurm/profiles, or a .toml file"
    )
    parser.add_argument(
        "--detach", action="store_true", help="with slurm: submit and leave, do not wait"
    )


def cluster_profile(options: argparse.Namespace, *others: str) -> Profile | None:
    """The profile that is asked for, None where nothing goes to a cluster.

    others: options that mean something on a cluster alone, as --profile does.
    Raises ProfileError for a profile that cannot be used, or options that contradict each other.
    """
    if options.executor == "slurm":
        if options.profile:
            return load_profile(options.profile)
        raise ProfileError(f"name a --profile for slurm: {', '.join(profile_names())} or a file")
    for name in ("profile", "detach", *others):
        if getattr(options, name):
            raise ProfileError(f"--{name} has an effect with --executor slurm alone")
    return None


def without_launch_options(argv: Sequence[str], *others: str) -> tuple[str, ...]:
    """A command line for the job itself: less what says where it runs, and less the options
    `others`, which take a value each."""
    parser = Parser(add_help=False)
    add_launch_options(parser, "local", "slurm")
    for name in others:
        parser.add_argument(f"--{name}")
    return tuple(parser.parse_known_args(argv)[1])


def add_preset_options(parser: Parser) -> None:
    """--preset and --set: a base config."""
    parser.add_argument(
        "--preset",
        type=name_of("preset", PRESETS),
        default="mini",
        help="base config: smoke (seconds, for tests), mini (the miniature world), paper",
    )
    add_changes(parser, "change fields of the config by dotted name, such as plan.epochs=5")


def add_changes(parser: Parser, help_text: str) -> None:
    """--set."""
    parser.add_argument(
        "--set",
        dest="changes",
        type=change,
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME=VALUE",
        help=help_text,
    )
