"""A copy of a corpus that loads fast, for training and evaluation alike.

  python experiments/data.py prepare msrvtt --root data --out prepared
  python experiments/data.py prepare webvid2m --root data --out prepared --frames
  python experiments/data.py prepare webvid2m --root data --out prepared --shard 3/40
  python experiments/data.py prepare webvid2m --root data --out prepared --shards 40 \\
    --executor slurm --profile cpu
  python experiments/data.py check msrvtt --root prepared

Clips become H.264 mp4 with a shorter side of 256 pixels and a key frame in every 15 frames, images
JPEGs of that size; lists and captions are copied. All frames and their times stay, sound does not,
of DiDeMo only the first 30 seconds. With --frames clips become JPEG frames, 3 a second (of clips
under 5 seconds 16 frames): faster still, but training draws its frames from those alone. Clips in
tar shards stay in shards. Compressing again may cost a little recall, less with a lower --crf (a
user of CLIP4Clip saw R@1 fall from 43.9 to 42.3 at 3 frames a second, its issue 105).

With --executor slurm the shares are jobs of a cluster, and a last one lists what the whole lacks.

Run it again to continue: what is there is kept. Clips that cannot be decoded are listed in a file.
Exit code 0: the copy has all the original has; 1: it has not; 2: it could not go on.
"""

import sys
from argparse import ArgumentTypeError, Namespace
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.data_display import display
from experiments.machine import cores
from experiments.options import (
    Parser,
    add_launch_options,
    cluster_profile,
    name_of,
    natural,
    positive,
)
from slurm.profile import Profile
from slurm.queue import SlurmError
from unify.config.corpora import CORPORA
from unify.data.pool import run_all
from unify.files import write_atomically
from unify.reasons import reason

if TYPE_CHECKING:
    from unify.data.prepare.formats import StorageFormat
    from unify.data.prepare.plan import Job
    from unify.data.prepare.work import Lost

INTERRUPTED = 130
MOST_CRF = 51
LEAST_SIDE = 32
"""Pixels; of less no scene can be told, and codecs and decoders have their own limits."""


def main(argv: list[str] | None = None) -> int:
    """0 where the copy is whole, 1 where clips are lost, 2 with one line where nothing is done."""
    options = _parse(argv)
    try:
        if profile := cluster_profile(options, "shards", "jobs"):
            return _prepare_on_cluster(options, profile, sys.argv[1:] if argv is None else argv)
        return _prepare(options)
    except (ValueError, OSError, SlurmError) as error:
        print(f"data.py prepare: {reason(error)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(
            "data.py prepare: interrupted; run the same command again to continue", file=sys.stderr
        )
        return INTERRUPTED


def _parse(argv: list[str] | None) -> Namespace:
    parser = Parser(prog="data.py prepare", description=__doc__)
    add = parser.add_argument
    add("corpus", type=name_of("corpus", CORPORA), metavar="CORPUS")
    add("--root", type=Path, required=True, metavar="DIR", help="folder that holds the corpora")
    add("--out", type=Path, required=True, metavar="DIR", help="folder that gets the copy")
    add("--frames", action="store_true", help="JPEG frames in place of mp4")
    add("--side", type=_side, default=256, metavar="N", help="shorter side in pixels (256)")
    add("--gop", type=positive, metavar="N", help="of mp4: frames between key frames (15)")
    add("--crf", type=_crf, metavar="N", help="of mp4: 0 is lossless, 51 worst (20)")
    add("--fps", type=positive, metavar="N", help="with --frames: frames kept of a second (3)")
    add("--workers", type=positive, metavar="N", help="processes (one per core)")
    add("--shard", type=_share, default=(1, 1), metavar="K/N", help="the K-th of N shares of clips")
    add("--shards", type=positive, metavar="N", help="with slurm: N shares, a job each")
    add("--failed", type=Path, metavar="FILE", help="list of lost clips (DIR/CORPUS-failed.tsv)")
    add_launch_options(parser, "local", "slurm")
    options = parser.parse_args(argv)
    if options.shards and options.shard != (1, 1):
        parser.error("--shard names one share of --shards; give one of them")
    if options.jobs and options.executor == "slurm" and not options.shards:
        parser.error("--jobs has no effect without --shards")
    for name in ("gop", "crf") if options.frames else ("fps",):
        if getattr(options, name) is not None:
            parser.error(
                f"--{name} has no effect {'with' if options.frames else 'without'} --frames"
            )
    return options


def _side(text: str) -> int:
    if (value := natural(text)) < LEAST_SIDE:
        raise ArgumentTypeError(f"{text!r} is no whole number from {LEAST_SIDE} on")
    return value


def _crf(text: str) -> int:
    if (value := natural(text)) > MOST_CRF:
        raise ArgumentTypeError(f"{text!r} is no whole number from 0 to {MOST_CRF}")
    return value


def _share(text: str) -> tuple[int, int]:
    share, _, count = text.partition("/")
    if share.isdecimal() and count.isdecimal() and 1 <= int(share) <= int(count):
        return int(share), int(count)
    raise ArgumentTypeError(f"{text!r} is no share such as 3/40")


def _prepare(options: Namespace) -> int:
    # Late imports: PyAV has no part in the other commands.
    from unify.data.prepare.plan import make_jobs, read_splits
    from unify.data.prepare.target import claim, copy_lists
    from unify.data.prepare.whole import find_lost

    kit, copy = _folders(options)
    form, splits = _form(options), read_splits(options.corpus, options.root)
    jobs = make_jobs(splits.values(), kit, copy, form)
    claim(kit, copy, form)
    copy_lists(kit, copy, (job.source for job in jobs))
    share, count = options.shard
    mine = jobs[share - 1 :: count]
    lost = _convert(form, mine, options.workers or cores())
    if count == 1:
        told = {one.place for one in lost}
        rest = find_lost(options.corpus, splits, jobs, options.out)
        lost += [one for one in rest if one.place not in told]
    return _conclude(options, copy, sum(job.clips for job in mine), lost)


def _prepare_on_cluster(options: Namespace, profile: Profile, argv: list[str]) -> int:
    from experiments.data_shares import commands
    from experiments.remote import run_on_cluster
    from unify.data.prepare.target import claim

    claim(*_folders(options), _form(options))
    return run_on_cluster(
        commands(options.shards or 1, options.workers or profile.cpus_per_task, argv),
        profile,
        name=f"prepare-{options.corpus}",
        jobs=options.jobs,
        detach=options.detach,
    )


def _folders(options: Namespace) -> tuple[Path, Path]:
    """The corpus's and its copy's."""
    kit, copy = (root / CORPORA[options.corpus].folder for root in (options.root, options.out))
    if not kit.is_dir():
        layout = CORPORA[options.corpus].layout
        raise ValueError(f"{kit} is missing: {options.corpus} is expected there as {layout}")
    return kit, copy


def _form(options: Namespace) -> "StorageFormat":
    from unify.data.prepare.formats import JpegFrames, Mp4

    kind = JpegFrames if options.frames else Mp4
    names = ("side", "fps") if options.frames else ("side", "gop", "crf")
    given = {name: getattr(options, name) for name in names}
    return kind(**{name: value for name, value in given.items() if value is not None})


def _convert(form: "StorageFormat", jobs: list["Job"], workers: int) -> list["Lost"]:
    """Do what is not done; returns the clips that are lost."""
    from unify.data.prepare.work import Lost, convert, is_done

    todo = [job for job in jobs if not is_done(job)]
    kept = sum(job.clips for job in jobs) - sum(job.clips for job in todo)
    lost: list[Lost] = []
    results = run_all(partial(convert, form), todo, min(workers, max(1, len(todo))))
    with closing(results), display(kept, sum(job.clips for job in todo)) as shown:
        for job, found in results:
            lost += [Lost(job.source, "its decoder crashes")] if found is None else found
            shown.advance(job.clips, len(lost))
    return lost


def _conclude(options: Namespace, copy: Path, clips: int, lost: list["Lost"]) -> int:
    """List the lost clips and say how it ended."""
    share, count = options.shard
    part = f"-{share}-of-{count}" if count > 1 else ""
    path = options.failed or options.out / f"{options.corpus}-failed{part}.tsv"
    what = f"{options.corpus}: share {share} of {count}" if count > 1 else options.corpus
    if not lost:
        path.unlink(missing_ok=True)
        print(f"{what}: prepared: {clips} clips in {copy}")
        return 0
    write_atomically(path, "".join(f"{one.why}\t{one.place}\n" for one in lost))
    print(
        f"{what}: NOT whole: {len(lost)} of {clips} clips failed, {lost[0].place.name} for one: "
        f"{lost[0].why}; they are listed in {path}"
    )
    return 1
