"""How corpora read their files: as UTF-8, row by row, with errors that say what is wrong where."""

import csv
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

HEADER_WORDS = {
    *("caption", "sentence", "name", "url", "contenturl", "image", "path", "key", "vid_key"),
    *("videoid", "video_id", "clip_id", "page_dir", "page_idx", "duration"),
    *("start_aligned", "end_aligned", "start_extracted", "end_extracted"),
}
"""What cells of a header say; a row made of nothing else is no data."""


class MissingFile(ValueError):
    """A metadata file that is not there."""


def opened(path: Path) -> BinaryIO:
    """The file, open for reading. Raises ValueError, MissingFile where it is not there."""
    try:
        return path.open("rb")
    except (FileNotFoundError, NotADirectoryError):
        raise missing(path) from None
    except OSError as error:
        raise ValueError(f"{path} may not be read: {error.strerror}") from None


def missing(path: Path) -> MissingFile:
    """The error for a metadata file that is not there."""
    return MissingFile(
        f"{path} is missing; set data.root to the folder that holds the corpora, "
        "each in its published layout"
    )


def read_lines(path: Path) -> Iterator[str]:
    """Lines with their ends, split at line feeds alone; a byte order mark is dropped.

    Raises ValueError with the number of the first line that is not UTF-8.
    """
    with opened(path) as file:
        for number, line in enumerate(file, start=1):
            try:
                yield line.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError as error:
                raise ValueError(
                    f"{path}: line {number} is not UTF-8 ({error.reason}); "
                    "convert the file to UTF-8 or download it again"
                ) from error


def ends_within_line(path: Path) -> bool:
    """Whether a file's last line lacks its line feed, as where a copy broke off."""
    with opened(path) as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - 1))
        return file.read() not in (b"", b"\n")


def read_text(path: Path) -> str:
    """The whole text of a file. Raises ValueError where it cannot be read or is not UTF-8."""
    return "".join(read_lines(path))


def read_json(path: Path) -> Any:
    """The value of a JSON file. Raises ValueError where it is none, cut short for instance."""
    try:
        return json.loads(read_text(path))
    except (json.JSONDecodeError, RecursionError) as error:
        raise ValueError(f"{path} is not JSON ({error}); download it again") from error


def read_list(path: Path) -> list[str]:
    """One name a line, each once. Raises ValueError for a name that comes twice."""
    names = [line.strip() for line in read_lines(path) if line.strip()]
    check_once(names, path)
    return names


def check_once(names: list[str], path: Path) -> None:
    """ValueError for the first name that a table lists twice."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ValueError(f"{path} lists {name} twice; download the file again")
        seen.add(name)


def read_rows(
    path: Path, needed: Iterable[str], *, names: Sequence[str] = (), tabs: bool = False
) -> Iterator[dict[str, str]]:
    """Rows of a table by column: the `names` or, without them, those of its first line.

    Cells are divided by commas, where quotes hold a cell together, or by `tabs`, where they mean
    nothing. A header that comes where none is expected (added, or of joined files) is passed over.
    Raises ValueError for a column or a cell that is missing or too many, with its line.
    """
    cells = _by_tabs(path) if tabs else _by_commas(path)
    header = list(names) or next((row for _, row in cells), [])
    if lacking := [name for name in needed if name not in header]:
        raise ValueError(
            f"{path} has no column {lacking[0]}; its first line is {','.join(header)[:80]!r}, "
            "and its header is expected there"
        )
    for number, row in cells:
        if len(row) != len(header):
            hint = "tabs lie between columns" if tabs else "commas in a caption need quotes"
            raise ValueError(
                f"{path}: line {number} has {len(row)} columns, not {len(header)}; {hint}, "
                "or download the file again"
            )
        if row != header and not (number == 1 and is_header(row)):
            yield dict(zip(header, row, strict=True))


def _by_tabs(path: Path) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(read_lines(path), start=1):
        if text := line.rstrip("\r\n"):
            yield number, text.split("\t")


def _by_commas(path: Path) -> Iterator[tuple[int, list[str]]]:
    rows = csv.reader(read_lines(path), strict=True)
    try:
        yield from ((rows.line_num, row) for row in rows if row)
    except csv.Error as error:
        raise ValueError(
            f"{path}: line {rows.line_num} is not CSV ({error}); download the file again"
        ) from error


def is_header(cells: list[str]) -> bool:
    """Whether a row names columns."""
    return all(cell.strip().lower().replace(" ", "_") in HEADER_WORDS for cell in cells)
