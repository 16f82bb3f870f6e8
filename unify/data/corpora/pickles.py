"""Pickles from third parties: plain values are read, anything that would run code is refused."""

import pickle
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from unify.data.corpora.files import MissingFile, opened, read_json


class _IntegerType:
    """Stands in for `numpy.dtype` where that is an integer's; nothing of numpy is run."""

    def __init__(self, code: str, *_: Any) -> None:
        if code[:1] not in ("i", "u"):
            raise pickle.UnpicklingError(f"refused, as it holds numpy values of type {code}")
        self.signed = code.startswith("i")

    def __setstate__(self, state: tuple) -> None:
        self.order = "big" if state[1] == ">" else "little"


def _integer(kind: _IntegerType, content: bytes) -> int:
    """Stands in for numpy's maker of numbers."""
    return int.from_bytes(content, kind.order, signed=kind.signed)


CONTAINERS = {"list": list, "dict": dict, "set": set, "frozenset": frozenset}
PLAIN: dict[tuple[str, str], Callable] = {
    **{
        (module, name): CONTAINERS[name]
        for module in ("builtins", "__builtin__")
        for name in CONTAINERS
    },
    ("collections", "OrderedDict"): OrderedDict,
    ("numpy", "dtype"): _IntegerType,
    ("numpy.core.multiarray", "scalar"): _integer,
    ("numpy._core.multiarray", "scalar"): _integer,
}
"""What a pickle may name, and what is taken for it; texts, lists and dicts need no name."""


class _PlainUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Callable:
        if (module, name) not in PLAIN:
            self._refuse(f"it asks for {module}.{name}")
        return PLAIN[module, name]

    def persistent_load(self, pid: Any) -> NoReturn:
        self._refuse("it asks for values from elsewhere")

    def _refuse(self, why: str) -> NoReturn:
        raise pickle.UnpicklingError(f"refused, as it holds more than plain values: {why}")


def read_plain(path: Path) -> Any:
    """The value of a JSON file or, where it is not there, of the pickle of the same name.

    Raises ValueError for a pickle that names any class or function but containers and integers
    (nothing of it is run), or is damaged; MissingFile where there is neither file.
    """
    for_json, for_pickle = path.with_suffix(".json"), path.with_suffix(".pkl")
    if for_json.is_file():
        return read_json(for_json)
    try:
        with opened(for_pickle) as file:
            return _PlainUnpickler(file, encoding="utf-8").load()
    except MissingFile:
        raise
    # A damaged pickle makes the unpickler raise almost anything.
    except Exception as error:
        raise ValueError(
            f"{for_pickle} is no pickle of plain values ({error}); where you trust it, write its "
            f"value to {for_json.name} beside it, or download it again"
        ) from error
