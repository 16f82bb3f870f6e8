"""Worlds that H.264 could not hold are refused before anything is drawn."""

import pytest

from unify.config import PRESETS
from unify.config.codec import override
from unify.config.errors import ConfigError
from unify.config.validate import validate


@pytest.mark.parametrize(("field", "value"), [("side", 63), ("crf", 52)])
def test_what_h264_does_not_take_is_refused(field, value):
    with pytest.raises(ConfigError, match=rf"world\.{field}={value}"):
        validate(override(PRESETS["mini"](), {f"world.{field}": value}))
