"""What the parameter set of an H.264 stream says of its pictures (ITU-T H.264, 7.3.2.1.1)."""

PLAIN_PROFILES = {66, 77, 88}
"""Baseline, Main and Extended: always 8 bits and 4:2:0."""
HIGH = 100
"""The profile that says more of its colours; all others have more bits or other layouts."""


class Bits:
    """The bits of a NAL unit, one after the other; IndexError behind the last."""

    def __init__(self, unit: bytes) -> None:
        content = unit.replace(b"\0\0\3", b"\0\0")  # the 3 keeps start codes out of the content
        self._bits = "".join(f"{byte:08b}" for byte in content)
        self._place = 0

    def read(self, count: int = 1) -> int:
        """The next bits as a number."""
        self._place += count
        if self._place > len(self._bits):
            raise IndexError("the parameter set is cut short")
        return int(self._bits[self._place - count : self._place], 2)

    def number(self) -> int:
        """The next number in Exp-Golomb code, without its sign: ue(v)."""
        zeros = 0
        while not self.read():
            zeros += 1
        return (1 << zeros) - 1 + (self.read(zeros) if zeros else 0)


def is_plain(unit: bytes) -> bool:
    """Whether pictures are of 8 bits, 4:2:0 and never interlaced, by a parameter set.

    Decoders differ in their pixels for others. IndexError for a unit that is cut short.
    """
    profile, bits = unit[1], Bits(unit[4:])
    bits.number()  # the set's own number
    if profile == HIGH:
        chroma, *depths = [bits.number() for _ in range(3)]
        bits.read()  # whether there is a lossless mode
        has_matrices = bits.read()
        if chroma != 1 or any(depths) or has_matrices:
            return False
    elif profile not in PLAIN_PROFILES:
        return False
    _skip_to_size(bits)
    bits.number()  # width
    bits.number()  # height
    return bool(bits.read())  # frame_mbs_only_flag


def _skip_to_size(bits: Bits) -> None:
    bits.number()  # bits of a frame's number
    order = bits.number()
    if order == 0:
        bits.number()
    elif order == 1:
        bits.read()
        bits.number()
        bits.number()
        for _ in range(bits.number()):
            bits.number()
    bits.number()  # pictures that are referred to
    bits.read()  # whether frame numbers may leave gaps
