"""Weights that cannot be read are named, with what to do."""

import pytest

from unify.systems.weights import read_weights


@pytest.mark.parametrize("content", [b"", b"no weights at all"])
def test_a_damaged_file_gives_one_line(tmp_path, content):
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"is damaged .*delete it") as caught:
        read_weights(path)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)
