"""What a trial found."""

from dataclasses import asdict, dataclass, field


@dataclass(kw_only=True)
class Verdict:
    """What a trial found; without problems it passed."""

    fault: str
    number: int
    hits: list[str] = field(default_factory=list)
    """Where the fault hit, an entry each time."""
    lost: list[str] = field(default_factory=list)
    """What was finished and is gone, or was made again."""
    wrong: list[str] = field(default_factory=list)
    """What differs from an undisturbed run's outcome, or did not end."""
    unclear: list[str] = field(default_factory=list)
    """What a user was not told, or not in one line."""
    said: str = ""
    """The line that the user sees."""
    not_tried: str = ""
    seconds: float = 0.0

    @property
    def problems(self) -> list[str]:
        """All that is not as it should be."""
        return [*self.lost, *self.wrong, *self.unclear]

    def record(self) -> dict:
        """As JSON."""
        return asdict(self)
