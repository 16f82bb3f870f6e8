"""One process's file of a checkpoint, and all files of one together."""

import json
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import deepspeed
from safetensors import safe_open
from safetensors.torch import save
from torch import Tensor

from unify.checksum import Checksum
from unify.files import write_atomically
from unify.training.distributed import rank, together, world_size
from unify.training.state import Part, is_shared_out, parts, publish


def write_shard(
    engine: deepspeed.DeepSpeedEngine, folder: Path, notes: Any
) -> tuple[str, Checksum]:
    """Write this process's share of the state, `notes` with it; return the file's name and sum.

    Where each process holds all of the state, the first one's share is all and the others' nothing.
    """
    held = list(parts(engine)) if is_shared_out(engine) or rank() == 0 else []
    tensors = {
        f"{part.name}/{key}": value.detach().cpu().contiguous()
        for part in held
        for key, value in part.tensors().items()
    }
    places = {part.name: part.place() for part in held}
    facts = {"parts": json.dumps(places), "notes": json.dumps(notes)}
    content = save(tensors, facts)
    name = f"state-{rank():05d}-of-{world_size():05d}.safetensors"
    write_atomically(folder / name, content)
    return name, Checksum.of(content)


class Piece(NamedTuple):
    """A stretch of a parameter in a checkpoint."""

    file: Any
    """As safetensors opens it."""
    place: dict[str, Any]
    """What `Part.place` said."""

    def copy_to(self, target: Tensor, part: Part, key: str) -> int:
        """Copy what it has of a part's tensor; the number of values copied."""
        values = self.file.get_slice(f"{part.name}/{key}")
        start, size = self.place["start"], values.get_shape()[0]
        first, last = max(part.start, start), min(part.start + len(target), start + size)
        if first >= last:
            return 0
        target[first - part.start : last - part.start].copy_(values[first - start : last - start])
        return last - first


class Shards:
    """The files of a checkpoint, as a context; whatever number of processes wrote them."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths
        self._stack = ExitStack()
        self._pieces: dict[str, list[Piece]] = defaultdict(list)
        self._notes: list[Any] = []

    def __enter__(self) -> "Shards":
        for path in self._paths:
            self._add(self._stack.enter_context(safe_open(path, framework="pt")))
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def fill(self, engine: deepspeed.DeepSpeedEngine) -> None:
        """Give the processes their shares, each from whichever files hold it.

        Raises ValueError where a parameter is missing or has another size.
        """
        together(lambda: [self._fill(part) for part in parts(engine)])
        publish(engine)

    def notes(self) -> list[Any]:
        """Those of the writers that this process goes on for."""
        return self._notes[rank() :: world_size()]

    def _add(self, file: Any) -> None:
        facts = file.metadata()
        self._notes.append(json.loads(facts["notes"]))
        for name, place in json.loads(facts["parts"]).items():
            self._pieces[name].append(Piece(file, place))

    def _fill(self, part: Part) -> None:
        pieces = self._pieces[part.name]
        part.make_state(pieces[0].place if pieces else {})
        for key, target in part.tensors().items():
            found = sum(piece.copy_to(target, part, key) for piece in pieces)
            if found != len(target):
                checkpoint, folder = self._paths[0].parents[:2]
                raise ValueError(
                    f"{checkpoint} holds {found} of {len(target)} values of {part.name}: it is "
                    f"another model's; delete {folder} to begin anew"
                )
