import pytest

from experiments import machine


@pytest.fixture
def two_cores(monkeypatch):
    monkeypatch.setattr(machine, "cores", lambda: 2)


def test_without_devices_jobs_share_the_cores(two_cores, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    shared = machine.slots(2)
    assert len(shared) == 2
    assert {slot["OMP_NUM_THREADS"] for slot in shared} == {"1"}
    assert {slot["DS_ACCELERATOR"] for slot in shared} == {"cpu"}
    assert machine.slots(1)[0]["MKL_NUM_THREADS"] == "2"
    assert machine.slots(5)[0]["OMP_NUM_THREADS"] == "1"


def test_by_default_no_more_jobs_than_cores_or_memory_allow(two_cores, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    monkeypatch.setattr(machine, "_free_bytes", lambda: 100 * machine.RUN_BYTES)
    assert len(machine.slots()) == 2
    monkeypatch.setattr(machine, "_free_bytes", lambda: 0.5 * machine.RUN_BYTES)
    assert len(machine.slots()) == 1


def test_each_job_has_a_device_of_its_own(two_cores, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3,GPU-abc")
    assert [slot["CUDA_VISIBLE_DEVICES"] for slot in machine.slots()] == ["3", "GPU-abc"]
    assert [slot["CUDA_VISIBLE_DEVICES"] for slot in machine.slots(3)] == ["3", "GPU-abc", "3"]
    assert "DS_ACCELERATOR" not in machine.slots()[0]
