"""Previews of real clips and images."""

import av
import numpy as np
import pytest
from PIL import Image

from analysis.store.samples import preview
from unify.data.example import Example
from unify.evaluation.previews import FRAMES, SIDE, write_previews
from unify.records import RunDirectory


def write_clip(path, frames=20, side=(160, 120)):
    """A clip that grows brighter from frame to frame."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height = side
        stream.pix_fmt = "yuv420p"
        for k in range(frames):
            picture = np.full((side[1], side[0], 3), 10 * k, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture)))
        container.mux(stream.encode())


def test_a_preview_moves_and_is_small(tmp_path):
    write_clip(tmp_path / "clip.mp4")
    clip = Example("some/clip", tmp_path / "clip.mp4", ("brighter",))
    write_previews([clip], tmp_path / "previews", "av")
    (path,) = (tmp_path / "previews").iterdir()
    assert path.name == "some_clip.webp"
    with Image.open(path) as picture:
        assert picture.n_frames == FRAMES
        assert picture.size == (SIDE, SIDE * 120 // 160)
        shades = []
        for k in range(FRAMES):
            picture.seek(k)
            shades.append(np.asarray(picture.convert("L")).mean())
    assert shades == sorted(shades)
    assert shades[-1] > shades[0] + 50


def test_an_image_is_a_still_preview(tmp_path):
    Image.new("RGB", (300, 200), "red").save(tmp_path / "image.jpg")
    image = Example("image", tmp_path / "image.jpg", ("red",), is_image=True)
    write_previews([image], tmp_path / "previews", "av")
    with Image.open(tmp_path / "previews/image.webp") as picture:
        assert getattr(picture, "n_frames", 1) == 1
        assert max(picture.size) == SIDE


@pytest.mark.parametrize("key", ["a/" * 200 + "b", "\u05db" * 200, "a\0b"])
def test_a_key_that_names_no_file_has_a_preview_that_is_found(tmp_path, key):
    Image.new("RGB", (30, 20), "red").save(tmp_path / "image.jpg")
    directory = RunDirectory(tmp_path)
    image = Example(key, tmp_path / "image.jpg", ("red",), is_image=True)
    write_previews([image], directory.previews, "av")
    assert preview(directory, key) == next(directory.previews.iterdir())


def test_a_clip_of_one_frame_has_a_preview(tmp_path):
    write_clip(tmp_path / "clip.mp4", frames=1)
    write_previews([Example("a", tmp_path / "clip.mp4", ("one",))], tmp_path / "previews", "av")
    with Image.open(tmp_path / "previews/a.webp") as picture:
        assert max(picture.size) == SIDE
