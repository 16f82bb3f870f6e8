"""Try faults on real processes, and compare what they leave with undisturbed runs.

  python tests/faults.py --list                     # what is tried, how often, how long
  python tests/faults.py --quick                    # a short selection, for CI
  python tests/faults.py --only killed/2 --seed 7   # one of them, as another run tried it
  python tests/faults.py --report                   # all, and the page with the table
  python tests/faults.py --report --only read_only  # one again, into the same page

0 when nothing was lost and all ended right; 1 otherwise, and the folders of those trials are kept.
"""

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from reliability import marks, namespace, page
from reliability.disk import NotTried
from reliability.life import Astray, Missed
from reliability.project import References
from reliability.registry import Fault, load
from reliability.trial import Trial
from reliability.verdict import Verdict

FAULTS = load()
CORES = len(os.sched_getaffinity(0))
INTERRUPTED = 130
MOST_MISSED = 5
"""Times that a try may come too late for its moment."""


def main(argv: Sequence[str] | None = None) -> int:
    """Try what is asked for; a line per trial."""
    options = _parse(argv)
    if options.list:
        print(_listing())
        return 0
    namespace.enter(options.started)
    seed = options.seed
    folder = Path(tempfile.mkdtemp(prefix="unify-faults-", dir=options.folder))
    print(f"seed {seed}, in {folder}", flush=True)
    began = time.time()
    verdicts = list(_tried(_chosen(options), seed, folder, options.jobs))
    if options.report:
        made = page.record(verdicts, seed=seed, began=began, jobs=options.jobs)
        page.write(page.renewed(made) if options.only else made)
        print(f"wrote {page.PAGE}")
    return _conclude(verdicts, folder, seed)


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="faults.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--list", action="store_true", help="name all faults")
    add("--quick", action="store_true", help="a short selection")
    add("--only", nargs="+", default=[], type=_one_of, metavar="NAME[/NUMBER]", help="these faults")
    add("--tries", type=int, metavar="N", help="of each fault, in place of its own number")
    add("--seed", type=int, default=int.from_bytes(os.urandom(3), "big"), help="a fresh one")
    add("--jobs", type=int, default=CORES, metavar="K", help=f"trials at once ({CORES})")
    add("--report", action="store_true", help="write the record and the page")
    add("--folder", type=Path, help="where the trials' folders are made (the system's)")
    options = parser.parse_args(argv)
    if options.report and (options.quick or any("/" in name for name in options.only)):
        parser.error("--report is of all tries of faults; leave --quick and numbers out")
    options.started = ["--seed", str(options.seed), *(sys.argv[1:] if argv is None else argv)]
    return options


def _listing() -> str:
    lines = [
        f"{fault.name}  {fault.tries} tries, {fault.quick} of them quick, "
        f"about {fault.seconds} s each\n    {fault.how}"
        for fault in FAULTS.values()
    ]
    quick, whole = (
        round(sum(f.seconds * tries(f) for f in FAULTS.values()) / 60)
        for tries in (lambda f: f.quick, lambda f: f.tries)
    )
    return "\n".join([*lines, f"about {whole} minutes one at a time, {quick} of them with --quick"])


def _chosen(options: argparse.Namespace) -> list[tuple[Fault, int]]:
    """Faults and the numbers of their tries."""
    pairs = [name.partition("/") for name in options.only or FAULTS]
    return [
        (FAULTS[name], number)
        for name, _, try_ in pairs
        for number in ([int(try_)] if try_ else _numbers(FAULTS[name], options))
    ]


def _numbers(fault: Fault, options: argparse.Namespace) -> Sequence[int]:
    """Of a short selection other ones for each seed."""
    if options.quick:
        chance = random.Random(f"{options.seed}/{fault.name}")
        return chance.sample(range(fault.tries), fault.quick)
    return range(options.tries or fault.tries)


def _one_of(text: str) -> str:
    """A type for arguments: a fault, or one try of it."""
    name, slash, number = text.partition("/")
    if name not in FAULTS or (slash and not number.isdecimal()):
        raise argparse.ArgumentTypeError(f"{text!r} is no fault, nor FAULT/NUMBER; see --list")
    return text


def _tried(
    chosen: list[tuple[Fault, int]], seed: int, folder: Path, jobs: int
) -> Iterator[Verdict]:
    references = References(folder)
    with ThreadPoolExecutor(jobs) as pool:
        futures = [pool.submit(_try, *one, seed, folder, references) for one in chosen]
        try:
            for future in futures:
                yield future.result()
        except KeyboardInterrupt:
            marks.end_below(folder)
            os._exit(INTERRUPTED)  # the threads would go on with the next


def _try(fault: Fault, number: int, seed: int, folder: Path, references: References) -> Verdict:
    """One try, and others where the moment for the fault was missed."""
    place = folder / f"{fault.name}-{number}"
    began = time.monotonic()
    for _ in range(MOST_MISSED):
        verdict = Verdict(fault=fault.name, number=number)
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        if _attempt(fault, Trial(verdict, seed, place, references)):
            break
    if not (verdict.hits or verdict.problems or verdict.not_tried):
        verdict.wrong.append("the fault never struck")
    verdict.seconds = round(time.monotonic() - began, 1)
    if not verdict.problems:
        shutil.rmtree(place)
    print(page.line(verdict), flush=True)
    return verdict


def _attempt(fault: Fault, trial: Trial) -> bool:
    """Whether the fault struck, or cannot strike here."""
    try:
        fault.attempt(trial)
    except Missed:
        return False
    except NotTried as reason:
        trial.verdict.not_tried = str(reason)
    except Astray as reason:
        trial.verdict.wrong.append(str(reason))
    except Exception as error:
        trial.verdict.wrong.append(f"the harness failed: {type(error).__name__}: {error}")
    finally:
        trial.close()
    return True


def _conclude(verdicts: list[Verdict], folder: Path, seed: int) -> int:
    bad = [verdict for verdict in verdicts if verdict.problems]
    for verdict in bad:
        name = f"{verdict.fault}/{verdict.number}"
        print(f"kept: {folder / name.replace('/', '-')}")
        print(f"  again: python tests/faults.py --only {name} --seed {seed}")
    if not bad:
        shutil.rmtree(folder)
    tried = sum(len(verdict.hits) for verdict in verdicts)
    print(f"{tried} faults tried, {len(bad)} of {len(verdicts)} trials not as they should be")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
