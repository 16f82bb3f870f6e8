"""What all tests share."""

import pytest


@pytest.fixture
def seed() -> int:
    """A fresh seed, given to torch and shown where a test fails; TEST_SEED=... repeats one."""
    import torch
    from tiny import fresh_seed

    value = fresh_seed()
    torch.manual_seed(value)
    return value
