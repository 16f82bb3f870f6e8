import subprocess
import sys
from pathlib import Path

import pytest

from slurm.profile import FOLDER, Profile, ProfileError, load_profile, profile_names


@pytest.fixture
def write(tmp_path):
    def make(text):
        path = tmp_path / "mine.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    return make


def refusal(path):
    with pytest.raises(ProfileError) as caught:
        load_profile(path)
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_a_file_of_ones_own_says_everything(write):
    path = write(
        """
        partition = "gpu"
        account = "me"
        qos = "long"
        constraint = "a100&ib"
        nodes = 2
        gpus_per_node = 4
        cpus_per_task = 8
        memory_gb = 100.5
        time = "1-12:00:00"
        signal_seconds = 300
        requeues = 3
        jobs = 2
        setup = ["module load cuda", ""]
        python = "apptainer exec --nv image.sif python"
        srun = ["--mpi=none"]

        [sbatch]
        exclusive = true
        nice = 100
        mail_type = "FAIL"
        """
    )
    assert load_profile(path) == Profile(
        name="mine",
        file=Path(path),
        partition="gpu",
        account="me",
        qos="long",
        constraint="a100&ib",
        nodes=2,
        gpus_per_node=4,
        cpus_per_task=8,
        memory_gb=100.5,
        minutes=36 * 60,
        signal_seconds=300,
        requeues=3,
        jobs=2,
        setup=("module load cuda", ""),
        python="apptainer exec --nv image.sif python",
        srun=("--mpi=none",),
        sbatch={"exclusive": True, "nice": 100, "mail-type": "FAIL"},
    )


def test_the_time_limit_is_all_that_a_profile_must_say(write):
    profile = load_profile(write("time = 5"))
    assert profile == Profile(name="mine", file=profile.file, minutes=5)
    assert "time is missing" in refusal(write("nodes = 1"))


@pytest.mark.parametrize(
    ("text", "nodes", "gpus", "tasks", "processes"),
    [
        ("", 1, 0, 1, 1),
        ("gpus_per_node = 8", 1, 8, 8, 8),
        ("nodes = 2\ngpus_per_node = 4", 2, 4, 4, 8),
        ("nodes = 3\ntasks_per_node = 2\ngpus_per_node = 4", 3, 4, 2, 6),
    ],
)
def test_there_is_a_process_for_each_gpu_unless_told_otherwise(
    write, text, nodes, gpus, tasks, processes
):
    profile = load_profile(write(f"time = 5\n{text}"))
    assert (profile.nodes, profile.gpus_per_node) == (nodes, gpus)
    assert (profile.processes_per_node, profile.processes) == (tasks, processes)


TIMES = {
    **{"90": 90, '"90"': 90, '"24:00:00"': 1440, '"100:30:00"': 6030, '"0:10:01"': 11},
    **{'"1-00"': 1440, '"2-3:30"': 3090, '"1-23:59:59"': 2880},
}


@pytest.mark.parametrize(("time", "minutes"), TIMES.items())
def test_time_limits_are_minutes_or_clocks_and_are_rounded_up(write, time, minutes):
    assert load_profile(write(f"time = {time}")).minutes == minutes


NO_TIMES = {"0", "-5", "1.5", "true", "12:00:00", '["1:00:00"]'}
NO_CLOCKS = {"25:00", "1:75:00", "1-24:00:00", "1-", "a day", "00:00:00", "0x10", ""}


@pytest.mark.parametrize("time", sorted(NO_TIMES | {f'"{clock}"' for clock in NO_CLOCKS}))
def test_what_is_no_time_limit_or_an_ambiguous_one_is_refused(write, time):
    assert "mine.toml: time must be " in refusal(write(f"time = {time}\nsignal_seconds = 1"))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("gpu_per_node = 8", "unknown field 'gpu_per_node'; did you mean gpus_per_node?"),
        ("exclusive = true", "go below a line [sbatch]"),
        ("nodes = 0", "nodes must be a whole number of at least 1, not 0"),
        ("nodes = true", "nodes must be a whole number"),
        ('nodes = "2"', "nodes must be a whole number of at least 1, not '2'"),
        ("gpus_per_node = -1", "gpus_per_node must be a whole number of at least 0"),
        ("tasks_per_node = 0", "tasks_per_node must be"),
        ("cpus_per_task = 1.5", "cpus_per_task must be"),
        ("memory_gb = -4", "memory_gb must be a number of GiB above 0"),
        ("memory_gb = nan", "memory_gb must be"),
        ('memory_gb = "4GB"', "memory_gb must be"),
        ("jobs = 0", "jobs must be"),
        ("requeues = -1", "requeues must be"),
        ("signal_seconds = 0", "signal_seconds must be"),
        ("signal_seconds = 600", "signal_seconds = 600 must be shorter than time"),
        ("partition = 3", "partition must be one line of text in quotes, not 3"),
        ('account = ""', "account must be"),
        (r'qos = "a\nb"', "qos must be one line"),
        ('setup = "module load cuda"', "setup must be a list of texts"),
        ("srun = [3]", "srun must be a list of texts"),
        ("sbatch = 3", "sbatch must be a table"),
        ("[sbatch]\npartition = 'gpu'", "cannot set partition: use the field partition, above"),
        ("[sbatch]\narray = '0-3'", "use the field jobs"),
        ("[sbatch]\nmem = '4G'", "use the field memory_gb"),
        ("[sbatch]\nntasks_per_node = 2", "use the field tasks_per_node"),
        ("[sbatch]\nsignal = 'USR1@3'", "use the field signal_seconds"),
        ("[sbatch]\nsetup = ['x']", "use the field setup, above the line [sbatch]"),
        ("[sbatch]\noutput = 'log'", "cannot set output: the launcher does"),
        ("[sbatch]\ndependency = 'singleton'", "cannot set dependency"),
        ("[sbatch]\nparsable = true", "cannot set parsable"),
        ("[sbatch]\nN = 2", "long names"),
        ("[sbatch]\nexclusive = false", "exclusive must be text, a whole number or true"),
        ("[sbatch]\nnice = 1.5", "nice must be text"),
        ("nodes 2", "at line 2"),
        ("nodes = 2\nnodes = 3", "Cannot overwrite a value"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_line(write, line, message):
    text = refusal(write(f"time = 10\n{line}"))
    assert "mine.toml: " in text and message in text


def test_a_signal_must_fit_into_the_limit_also_by_default(write):
    assert "signal_seconds = 120 must be shorter" in refusal(write("time = 2"))


def test_files_that_cannot_be_read_are_told_in_one_line(tmp_path, write):
    assert "none.toml: cannot be read: No such file" in refusal(str(tmp_path / "none.toml"))
    (tmp_path / "folder.toml").mkdir()
    assert "cannot be read: Is a directory" in refusal(str(tmp_path / "folder.toml"))
    assert "mine.toml: 'utf-8'" in refusal(write(b"time = 5 # \xff"))


def test_an_unknown_name_tells_the_nearest_and_how_to_name_a_file():
    text = refusal("a10")
    assert "unknown profile 'a10'; did you mean a100?" in text and ".toml" in text


def test_the_projects_own_profiles_are_complete_and_ask_for_the_papers_gpus():
    profiles = {name: load_profile(name) for name in profile_names()}
    assert {"a100", "v100", "cpu"} <= profiles.keys()
    for name in ("a100", "v100"):
        assert profiles[name].processes == profiles[name].nodes * profiles[name].gpus_per_node == 8
    assert profiles["cpu"].processes == 1
    for name in ("a100", "v100", "cpu"):  # nothing that only the user can know
        assert profiles[name].partition is None and profiles[name].account is None


def test_every_field_is_in_the_readme():
    rows = (FOLDER / "README.md").read_text().splitlines()
    told = {row.split("`")[1].strip("[]") for row in rows if row.startswith("| `")}
    own = {"name", "file", "minutes"}
    assert told == set(Profile.__dataclass_fields__) - own | {"time"}


def test_reading_profiles_imports_neither_submitit_nor_torch():
    check = "import sys, slurm.profile, slurm.submission, slurm.queue, slurm.inside; "
    check += "print([m for m in ('torch', 'submitit') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr
