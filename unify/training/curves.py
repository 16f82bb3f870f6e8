"""TensorBoard's file of a run: one, with each value once, however often the run was stopped."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from tensorboard.backend.event_processing.event_file_loader import LegacyEventFileLoader
from tensorboard.compat.proto.event_pb2 import Event
from torch.utils.tensorboard import SummaryWriter

from unify.files import naming, sync_file, sync_folder

FILES = "events.out.tfevents.*"
Keep = Callable[[str, int], bool]
"""Of a tag and a step: whether what is there already stays."""


def open_curves(
    folder: Path, keep: Keep, known: Iterable[tuple[str, int, float]] = ()
) -> SummaryWriter:
    """A writer whose new file begins with what earlier ones hold and `keep` lets stay.

    Of values with the same tag and step the first stays; what is `known` (tag, step, value) and
    not there is added. The earlier files are removed.
    """
    earlier = sorted(folder.glob(FILES), key=lambda path: path.stat().st_mtime_ns)
    with naming(folder):
        writer = SummaryWriter(folder, purge_step=0 if earlier else None)
        seen: set[tuple[str, int]] = set()
        for event in _kept(earlier, keep, seen):
            writer.file_writer.event_writer.add_event(event)
        for tag, step, value in known:
            if (tag, step) not in seen:
                writer.add_scalar(tag, value, step)
    sync_curves(writer)
    for path in earlier:
        path.unlink()
    return writer


def sync_curves(writer: SummaryWriter) -> None:
    """Let all that was shown so far outlast a power failure."""
    folder = Path(writer.log_dir)
    with naming(folder):
        writer.flush()
    for path in folder.glob(FILES):
        sync_file(path)
    sync_folder(folder)


def _kept(files: list[Path], keep: Keep, seen: set[tuple[str, int]]) -> Iterator[Event]:
    for event in (event for path in files for event in LegacyEventFileLoader(str(path)).Load()):
        for value in list(event.summary.value):
            place = (value.tag, event.step)
            if place in seen or not keep(*place):
                event.summary.value.remove(value)
            seen.add(place)
        if event.summary.value:
            yield event
