"""Files from elsewhere run nothing, and name nothing outside of their corpus."""

import io
import json
import os
import pickle
import tarfile
from pathlib import Path

import pytest
import torch
from handwritten import fill, touch, write

from unify.config import InitConfig
from unify.data.corpora import load_labelled_images, read_split
from unify.data.decoding import UnreadableClip, read_example
from unify.data.example import Clip
from unify.data.prepare.formats import JpegFrames
from unify.data.prepare.plan import make_jobs
from unify.data.prepare.work import convert
from unify.training.initial import load_start

OUT = ["../out", "a/../../out", "/out", "a\0b"]


def msrvtt(root, name):
    rows = f"key,vid_key,video_id,sentence\nret0,msr0,{name},a dog\n"
    write(root, {"MSRVTT/MSRVTT_JSFUSION_test.csv": rows})
    return "msrvtt", "test_1ka"


def didemo(root, name):
    rows = json.dumps([{"video": name, "description": "a dog"}])
    write(root, {"DiDeMo/test_data.json": rows, "DiDeMo/test_list.txt": f"{name}\n"})
    return "didemo", "test"


def lsmdc(root, name):
    row = f"{name}_00.00.01.1-00.00.02.2\t0\t1\t0\t1\ta dog\n"
    write(root, {"LSMDC/LSMDC16_annos_training.csv": row})
    return "lsmdc", "train"


def msvd(root, name):
    captions = pickle.dumps({name: [["a", "dog"]]})
    write(root, {"MSVD/raw-captions.pkl": captions, "MSVD/test_list.txt": f"{name}\n"})
    return "msvd", "test"


def webvid(root, name):
    table = f"videoid,contentUrl,duration,page_dir,name\n{name},u,d,p,a dog\n"
    write(root, {"WebVid/metadata/results_2M_train.csv": table})
    return "webvid2m", "train"


def cc3m(root, name):
    write(root, {"CC3M/metadata/cc3m_training_success_full.tsv": f"a dog\t{name}\n"})
    return "cc3m", "train"


def hmdb51(root, name):
    write(root, {"HMDB51/testTrainMulti_7030_splits/run_test_split1.txt": f"{name} 2\n"})
    return "hmdb51", "test_1"


def ucf101(root, name):
    lists = "UCF101/ucfTrainTestlist"
    write(root, {f"{lists}/classInd.txt": "1 Run\n", f"{lists}/testlist01.txt": f"Run/{name}\n"})
    return "ucf101", "test_1"


READERS = (msrvtt, didemo, lsmdc, msvd, webvid, cc3m, hmdb51, ucf101)


@pytest.mark.parametrize("name", OUT, ids=map(repr, OUT))
@pytest.mark.parametrize("make", READERS)
def test_a_name_that_leads_out_of_the_corpus_is_an_error_with_its_file(tmp_path, make, name):
    """Though there is such a file; of action lists a leading slash stays within the class."""
    corpus, split = make(tmp_path, name)
    for place in ("out", "out.mp4", "out.avi"):
        touch(tmp_path, [place])
    if make in (hmdb51, ucf101) and name.startswith("/"):
        assert not read_split(corpus, split, tmp_path).examples
        return
    with pytest.raises(ValueError, match=r"is no clip('s name within| id)") as told:
        read_split(corpus, split, tmp_path)
    assert str(tmp_path) in str(told.value) and "\n" not in str(told.value)


@pytest.mark.parametrize("make", READERS)
def test_a_clip_of_an_endless_name_is_missing(tmp_path, make):
    for name in ("x" * 300, f"{'x' * 300}/y"):
        corpus, split = make(tmp_path, name)
        read = read_split(corpus, split, tmp_path)
        assert (len(read.examples), len(read.missing)) == (0, 1)


def test_links_within_a_corpus_are_its_owners(tmp_path):
    corpus, split = msrvtt(tmp_path, "video0")
    fill(tmp_path, ["elsewhere/video0.mp4"])
    (tmp_path / "MSRVTT/videos").mkdir()
    (tmp_path / "MSRVTT/videos/all").symlink_to(tmp_path / "elsewhere")
    assert len(read_split(corpus, split, tmp_path).examples) == 1


def test_what_a_user_describes_may_lie_elsewhere_but_its_rows_may_not(tmp_path):
    described = "[train]\ntable = 'a.csv'\nclips = ['../other/{id}.mp4']\n"
    write(tmp_path, {"WebVid/columns.toml": described, "WebVid/a.csv": "caption,id\na dog,1\n"})
    fill(tmp_path, ["other/1.mp4", "1.mp4"])
    assert len(read_split("webvid2m", "train", tmp_path).examples) == 1
    write(tmp_path, {"WebVid/a.csv": "caption,id\na dog,../1\n"})
    with pytest.raises(ValueError, match=r"a\.csv: '\.\./1' is no clip's name"):
        read_split("webvid2m", "train", tmp_path)


def test_labelled_images_lie_within_their_folder(tmp_path):
    write(tmp_path, {"ImageNet21K/labels.csv": "image,labels\n/etc/passwd,dog\n"})
    with pytest.raises(ValueError, match=r"labels\.csv: '/etc/passwd' is no clip's name"):
        load_labelled_images(tmp_path)


def hostile_tar(path: Path, outside: Path) -> None:
    """A shard with names that lead out, links and a device; and one sample."""
    with tarfile.open(path, "w") as archive:
        for name, kind, target in (
            ("../up.jpg", tarfile.REGTYPE, ""),
            (str(outside / "absolute.jpg"), tarfile.REGTYPE, ""),
            ("link.jpg", tarfile.SYMTYPE, str(outside / "secret.jpg")),
            ("hard.jpg", tarfile.LNKTYPE, str(outside / "secret.jpg")),
            ("device.jpg", tarfile.CHRTYPE, ""),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, target
            info.size = 1 if kind == tarfile.REGTYPE else 0
            archive.addfile(info, io.BytesIO(b"x"))
            text = tarfile.TarInfo(name.replace(".jpg", ".txt"))
            text.size = 5
            archive.addfile(text, io.BytesIO(b"a dog"))


def test_members_of_shards_are_never_unpacked_and_links_are_no_clips(tmp_path):
    outside = tmp_path / "outside"
    fill(outside, ["secret.jpg"])
    (tmp_path / "CC3M/shards/train").mkdir(parents=True)
    hostile_tar(tmp_path / "CC3M/shards/train/0.tar", outside)
    read = read_split("cc3m", "train", tmp_path)
    assert len(read.examples) == 2 and len(read.missing) == 3
    for job in make_jobs([read], tmp_path / "CC3M", tmp_path / "copy/CC3M", JpegFrames(side=64)):
        convert(JpegFrames(side=64), job)
    assert [path.name for path in outside.iterdir()] == ["secret.jpg"]
    files = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert files == {"secret.jpg", "0.tar", "0.json"}


def test_frames_in_a_tar_file_follow_no_link_out_of_it(tmp_path):
    fill(tmp_path, ["secret.jpg"])
    with tarfile.open(tmp_path / "clip.tar", "w") as archive:
        info = tarfile.TarInfo("000000.jpg")
        info.type, info.linkname = tarfile.SYMTYPE, str(tmp_path / "secret.jpg")
        archive.addfile(info)
    with pytest.raises(UnreadableClip, match=r"clip\.tar cannot be decoded"):
        read_example(Clip("", tmp_path / "clip.tar"), lambda length: [0])


class Hostile:
    """Makes a folder where it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self):
        return os.mkdir, (str(self.marker),)


@pytest.fixture
def hostile(tmp_path) -> Hostile:
    return Hostile(tmp_path / "marker")


def test_pickles_of_a_corpus_run_nothing(tmp_path, hostile):
    msvd(tmp_path, "a")
    lists = "MSRVTT/high-quality/structured-symlinks"
    annotations = {"annotations": [{"image_id": "a", "caption": "a dog"}]}
    write(
        tmp_path,
        {
            "MSVD/raw-captions.pkl": pickle.dumps({"a": hostile}),
            "MSRVTT/annotation/MSR_VTT.json": json.dumps(annotations),
            f"{lists}/val_list_jsfusion.txt": "a\n",
            f"{lists}/jsfusion_val_caption_idx.pkl": pickle.dumps(hostile),
        },
    )
    for place in (("msvd", "test"), ("msrvtt", "test_1ka")):
        with pytest.raises(ValueError, match="refused, as it holds more than plain values"):
            read_split(*place, tmp_path)
    pickle.loads(pickle.dumps(hostile))  # it is as hostile as it is meant to be
    assert hostile.marker.is_dir()


@pytest.mark.parametrize("name", ["vit.pth", "vit.npz", "vit.bin", "vit.safetensors", "bert"])
def test_published_weights_run_nothing(tmp_path, hostile, name):
    path = tmp_path / name
    if name == "bert":
        sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 1}
        write(path, {"config.json": json.dumps({"model_type": "bert", **sizes})})
        torch.save({"weight": hostile}, path / "pytorch_model.bin")
        init = InitConfig(text="pretrained", text_weights=str(path), video="random")
    else:
        torch.save({"weight": hostile}, path)
        init = InitConfig(text="random", video="pretrained", video_weights=str(path))
    with pytest.raises(ValueError, match=r"can be read without running code|is damaged") as told:
        load_start(torch.nn.Module(), init, {})
    assert str(path) in str(told.value) and "\n" not in str(told.value)
    assert not hostile.marker.exists()
