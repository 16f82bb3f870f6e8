"""What all tests share."""

import os
from collections.abc import Iterator

import pytest
from cluster import Cluster, NoCluster, shared_cluster


@pytest.fixture
def seed() -> int:
    """A fresh seed, given to torch and shown where a test fails; TEST_SEED=... repeats one."""
    import torch
    from tiny import fresh_seed

    value = fresh_seed()
    torch.manual_seed(value)
    return value


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A real SLURM cluster; tests that break it repair it (`cluster.up()`).

    Where none can be started its tests are skipped, or fail with UNIFY_REQUIRE_CLUSTER=1.
    """
    try:
        with shared_cluster() as cluster:
            yield cluster
    except NoCluster as reason:
        if os.environ.get("UNIFY_REQUIRE_CLUSTER") == "1":
            pytest.fail(str(reason), pytrace=False)
        pytest.skip(str(reason))
