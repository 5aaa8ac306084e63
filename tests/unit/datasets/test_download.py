import gzip
import hashlib
import io
import os
import socket
import struct
import subprocess
import sys
import threading
import zipfile
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT
from ruamel.yaml import YAML

from vaepipe.core.errors import InputError
from vaepipe.datasets import download
from vaepipe.datasets.formats import cifar, emnist, streams
from vaepipe.params import Params

STEM = "gzip/emnist-balanced"


class Site:
    """A local server of one file, and what it was asked for and sent."""

    def __init__(self, content: bytes):
        self.content = content
        self.status = 200
        self.knows_ranges = True
        self.cut: int | None = None
        self.silent = threading.Event()
        self.silent.set()
        self.ranges: list[str | None] = []
        self.sent = 0
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                site.ranges.append(self.headers["Range"])
                site.silent.wait()
                start = int((self.headers["Range"] or "0").strip("bytes=-"))
                if site.status != 200:
                    self.send_error(site.status)
                    return
                if not site.knows_ranges:
                    start = 0
                if start and start >= len(site.content):
                    self.send_error(416)
                    return
                body = site.content[start:]
                site.sent += len(body[: site.cut])
                with suppress(ConnectionError):  # the client may have gone
                    self.send_response(206 if start else 200)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body[: site.cut])

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/EMNIST/gzip.zip"

    def close(self):
        self.silent.set()
        self.server.shutdown()
        self.server.server_close()


def labelled(seed: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Labels of the Balanced split and upright noise."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, 47, count, dtype=np.uint8)
    return labels, random.integers(0, 256, (count, 28, 28), dtype=np.uint8)


DATA = {"train": labelled(0, 300), "test": labelled(1, 7)}


def idx_files() -> dict[str, bytes]:
    """The uncompressed members of EMNIST's zip, for DATA."""
    files = {}
    for part, (labels, images) in DATA.items():
        count = len(labels)
        stored = np.stack([image.T for image in images])
        files[f"{STEM}-{part}-labels-idx1-ubyte.gz"] = (
            struct.pack(">2I", 2049, count) + labels.tobytes()
        )
        files[f"{STEM}-{part}-images-idx3-ubyte.gz"] = (
            struct.pack(">4I", 2051, count, 28, 28) + stored.tobytes()
        )
    return files


def zipped(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


ARCHIVE = zipped({name: gzip.compress(content, 1) for name, content in idx_files().items()})


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


@pytest.fixture
def site(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    site = Site(ARCHIVE)
    yield site
    site.close()


@pytest.fixture
def get(tmp_path, site):
    """Download from the site to raw/, as the script does."""

    def get(checksum: str = md5(ARCHIVE), url: str = site.url) -> tuple[Path, Path]:
        return download.download_emnist(
            tmp_path / "raw", "balanced", tmp_path / "cache", url, checksum
        )

    return get


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def assert_equal_to_data(targets: tuple[Path, Path]) -> None:
    for target, (labels, images) in zip(targets, DATA.values(), strict=True):
        blocks = zip(*emnist.read_csv(target, "balanced"), strict=True)
        found_labels, found_images = (np.concatenate(block) for block in blocks)
        assert (found_labels == labels).all()
        assert (found_images == images).all()


@pytest.mark.parametrize("block", [100, 128, 10_000])  # dividing the 300 images, not, larger
def test_csv_files_hold_the_images_of_the_zip(tmp_path, site, get, monkeypatch, block):
    monkeypatch.setattr(streams, "BLOCK_BYTES", block * 784)
    targets = get()
    assert_equal_to_data(targets)
    assert names(tmp_path / "raw") == ["emnist-balanced-test.csv", "emnist-balanced-train.csv"]
    assert names(tmp_path / "cache") == ["gzip.zip"]
    first = targets[0].read_text().splitlines()[0].split(",")
    stored = [str(value) for value in DATA["train"][1][0].T.ravel()]
    assert first == [str(DATA["train"][0][0]), *stored]


def test_what_is_there_is_not_fetched_again(site, get):
    for target in get():
        target.unlink()
    assert_equal_to_data(get())
    assert site.ranges == [None]


def test_a_file_fetched_by_other_means_is_used(tmp_path, site, get):
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache/gzip.zip").write_bytes(ARCHIVE)
    assert_equal_to_data(get())
    assert site.ranges == []


def interrupt(tmp_path: Path, site: Site, get) -> int:
    """Have the server break off; the number of bytes that are kept."""
    site.cut = len(ARCHIVE) * 2 // 3
    with pytest.raises(InputError, match=r"download failed.*continues where it stopped"):
        get()
    site.cut = None
    assert names(tmp_path / "cache") == ["gzip.zip.part"]
    assert names(tmp_path / "raw") == []
    return (tmp_path / "cache/gzip.zip.part").stat().st_size


def test_an_interrupted_download_is_continued(tmp_path, site, get):
    kept = interrupt(tmp_path, site, get)
    assert kept > len(ARCHIVE) // 3
    site.sent = 0
    assert_equal_to_data(get())
    assert site.ranges == [None, f"bytes={kept}-"]
    assert site.sent == len(ARCHIVE) - kept
    assert names(tmp_path / "cache") == ["gzip.zip"]


def test_a_server_without_ranges_sends_all_again(tmp_path, site, get):
    kept = interrupt(tmp_path, site, get)
    site.knows_ranges = False
    assert_equal_to_data(get())
    assert site.ranges == [None, f"bytes={kept}-"]


@pytest.mark.parametrize("more", [b"", b"more"])
def test_a_partial_file_with_nothing_left_to_fetch_is_fetched_anew(tmp_path, site, get, more):
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache/gzip.zip.part").write_bytes(ARCHIVE + more)
    assert_equal_to_data(get())
    assert site.ranges == [f"bytes={len(ARCHIVE + more)}-", None]
    assert names(tmp_path / "cache") == ["gzip.zip"]


def test_a_wrong_checksum_removes_what_has_arrived(tmp_path, site, get):
    message = f"{site.url}.*expected md5:{'0' * 32} but got {md5(ARCHIVE)}.*again.*put it at"
    with pytest.raises(InputError, match=message):
        get("0" * 32)
    assert names(tmp_path / "cache") == names(tmp_path / "raw") == []


def test_a_wrong_file_in_the_cache_is_named_and_kept(tmp_path, site, get):
    path = tmp_path / "cache/gzip.zip"
    path.parent.mkdir()
    path.write_bytes(b"wrong")
    message = f"gzip.zip: .*expected {md5(ARCHIVE)} but got {md5(b'wrong')}. Delete"
    with pytest.raises(InputError, match=message):
        get()
    assert path.read_bytes() == b"wrong"
    assert site.ranges == []


@pytest.mark.parametrize("status", [403, 404, 416, 500])
@pytest.mark.parametrize("part", [None, b"so far"])
def test_an_http_error_is_named(tmp_path, site, get, status, part):
    site.status = status
    if part:
        (tmp_path / "cache").mkdir()
        (tmp_path / "cache/gzip.zip.part").write_bytes(part)
    message = f"{site.url}: .*answered {status} .*put it at {tmp_path}/cache/gzip.zip"
    with pytest.raises(InputError, match=message):
        get()
    assert names(tmp_path / "cache") == (["gzip.zip.part"] if part else [])


def free_port() -> int:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        return closed.getsockname()[1]


def test_no_server_is_named(tmp_path, get):
    url = f"http://127.0.0.1:{free_port()}/gzip.zip"
    message = f"{url}: the download failed \\(Connection refused\\).*put it at {tmp_path}"
    with pytest.raises(InputError, match=message):
        get(url=url)


def test_an_unknown_host_is_named(get, monkeypatch):
    def fail(*_):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    monkeypatch.setenv("no_proxy", "*")
    with pytest.raises(InputError, match=r"nowhere.*failed \(Name or service not known\)"):
        get(url="http://nowhere.invalid/gzip.zip")


def test_a_silent_server_is_named(site, get, monkeypatch):
    monkeypatch.setattr(download, "TIMEOUT", 0.1)
    site.silent.clear()
    with pytest.raises(InputError, match=r"download failed \(.*timed out\)"):
        get()


@pytest.mark.parametrize("name", ["emnist-balanced-train.csv", "emnist-balanced-test.csv"])
def test_existing_csv_files_are_left_as_they_are(tmp_path, site, get, name):
    path = tmp_path / "raw" / name
    path.parent.mkdir()
    path.write_text("mine")
    with pytest.raises(InputError, match=f"{name}: already there"):
        get()
    assert path.read_text() == "mine"
    assert names(path.parent) == [name]
    assert site.ranges == []


IMAGES = f"{STEM}-test-images-idx3-ubyte.gz"
LABELS = f"{STEM}-test-labels-idx1-ubyte.gz"


def edited(name: str, edit) -> bytes:
    """The zip with one uncompressed member changed, or left out if there is no edit."""
    files = idx_files()
    content = files.pop(name)
    if edit:
        files[name] = edit(content)
    return zipped({name: gzip.compress(content, 1) for name, content in files.items()})


def repacked(name: str, edit) -> bytes:
    """The zip with one compressed member changed."""
    files = {name: gzip.compress(content, 1) for name, content in idx_files().items()}
    files[name] = edit(files[name])
    return zipped(files)


def flipped(content: bytes) -> bytes:
    """A byte in the middle of the archive changed."""
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 255]) + content[middle + 1 :]


TRAIN_IMAGES = IMAGES.replace("test", "train")
WRONG = {
    "magic of images": (edited(IMAGES, lambda c: b"\0\0\x08\x01" + c[4:]), f"{IMAGES}.*2051"),
    "magic of labels": (edited(LABELS, lambda c: b"\0\0\x08\x03" + c[4:]), f"{LABELS}.*2049"),
    "side": (edited(IMAGES, lambda c: c[:12] + b"\0\0\0\x1b" + c[16:]), f"{IMAGES}.*28, 28"),
    "header cut": (edited(IMAGES, lambda c: c[:9]), f"{IMAGES}.*not an IDX"),
    "empty": (edited(LABELS, lambda c: b""), f"{LABELS}.*not an IDX"),
    "images cut": (edited(IMAGES, lambda c: c[:-1]), f"{IMAGES}.*fewer"),
    "labels cut": (edited(LABELS, lambda c: c[:-1]), f"{LABELS}.*fewer"),
    "images longer": (edited(IMAGES, lambda c: c + b"\0"), f"{IMAGES}.*more"),
    "labels longer": (edited(LABELS, lambda c: c + b"\0"), f"{LABELS}.*more"),
    "counts": (
        edited(LABELS, lambda c: struct.pack(">2I", 2049, 6) + c[8:-1]),
        f"{IMAGES}: 7 images, but 6 labels in .*{LABELS}",
    ),
    "not gzip": (repacked(IMAGES, lambda c: b"ink" * 9), f"{IMAGES}.*unpacked.*gzip"),
    "gzip cut": (repacked(IMAGES, lambda c: c[:-9]), f"{IMAGES}.*unpacked"),
    "gzip's checksum": (
        repacked(LABELS, lambda c: c[:-8] + bytes(4) + c[-4:]),
        f"{LABELS}.*unpacked.*CRC",
    ),
    "damaged zip": (flipped(ARCHIVE), f"{TRAIN_IMAGES}.*unpacked"),
    "no zip": (b"not a zip", "not a readable zip"),
    "empty zip": (zipped({}), f"holds no {STEM}-train-labels"),
    "no labels": (edited(LABELS, None), f"holds no {LABELS}"),
    "no images": (edited(IMAGES, None), f"holds no {IMAGES}"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_zip_is_named_and_leaves_nothing(tmp_path, site, get, case):
    site.content, message = WRONG[case]
    with pytest.raises(InputError, match=f"cache/gzip.zip: .*{message}"):
        get(md5(site.content))
    assert names(tmp_path / "raw") == []


MNIST = [
    f"{part}-{kind}-ubyte.gz"
    for part in ("train", "t10k")
    for kind in ("images-idx3", "labels-idx1")
]
SUMS = dict.fromkeys(MNIST, md5(ARCHIVE))
CIFAR_SUMS = dict.fromkeys(download.CIFAR_MD5, md5(ARCHIVE))


def test_mnist_is_put_in_place_once_all_of_it_is_there(tmp_path, site):
    def get(sums=SUMS):
        return download.download_files(tmp_path / "raw", tmp_path / "cache", site.url, sums)

    wrong = SUMS | {MNIST[-1]: md5(b"")}
    with pytest.raises(InputError, match=f"{MNIST[-1]}.* (MD5|hash)"):
        get(wrong)
    assert names(tmp_path / "raw") == []
    sent = site.sent
    assert [path.name for path in get()] == list(download.MNIST_MD5) == MNIST
    assert site.sent == sent + len(ARCHIVE)  # the last alone
    assert all((tmp_path / "raw" / name).read_bytes() == ARCHIVE for name in MNIST)
    with pytest.raises(InputError, match=rf"raw/{MNIST[0]}, .*: already there"):
        get()


def run_script(
    folder: Path, *arguments: str, site: Site, name: str = "emnist"
) -> subprocess.CompletedProcess:
    """Run a script in a folder, with the site in the official one's place."""
    script = ROOT / f"workflow/scripts/download_{name}.py"
    code = (
        "import runpy, sys; from vaepipe.datasets import download; "
        f"download.URL, download.MD5 = {site.url!r}, {md5(ARCHIVE)!r}; "
        f"download.MNIST_URL, download.MNIST_MD5 = {site.url!r}, {SUMS!r}; "
        f"download.CIFAR_URL, download.CIFAR_MD5 = {site.url!r}, {CIFAR_SUMS!r}; "
        f"sys.argv = {[str(script), *arguments]!r}; "
        f"runpy.run_path({str(script)!r}, run_name='__main__')"
    )
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_script_says_what_to_do_next_and_keeps_what_is_there(tmp_path, site):
    paths = [Path(f"data/raw/emnist-balanced-{part}.csv") for part in ("train", "test")]
    first = run_script(tmp_path, "data/raw", site=site)
    assert first.returncode == 0, first.stderr
    assert f"train: {paths[0]}\n  test: {paths[1]}\n" in first.stdout
    assert f"dvc add {paths[0]} {paths[1]}\n" in first.stdout
    assert "%|" not in first.stderr  # no bar where there is no terminal
    assert_equal_to_data(tuple(tmp_path / path for path in paths))
    assert names(tmp_path / ".cache/downloads") == ["gzip.zip"]

    second = run_script(tmp_path, "data/raw", site=site)
    assert second.returncode == 1
    assert second.stderr.startswith(f"error: {paths[0]}, {paths[1]}: already there")
    assert "Traceback" not in second.stderr
    assert "already there" in (tmp_path / "logs/data/raw.log").read_text()


def with_sections(said: str) -> Params:
    """The shipped params.yaml with the sections that a script says."""
    load = YAML(typ="safe").load
    params = load(ROOT / "params.yaml")
    for section, formats in load(said.partition("\n")[2]).items():
        params[section] |= formats
    return Params.model_validate(params)


def test_params_that_hold_what_the_script_says_are_right(tmp_path, site):
    done = run_script(tmp_path, "data/raw", site=site, name="mnist")
    assert done.returncode == 0, done.stderr
    said, _, command = done.stdout.partition("To record the files:\n")
    own = with_sections(said)
    assert own.sources.idx["digits"].files == [f"data/raw/{name}" for name in MNIST]
    assert command.split() == ["dvc", "add", *own.sources.idx["digits"].files]
    assert all((tmp_path / file).is_file() for file in own.sources.idx["digits"].files)


@pytest.mark.parametrize("form", ["binary", "python"])
def test_an_archive_of_cifar_10_is_continued_and_what_the_script_says_is_right(
    tmp_path, site, form
):
    name = f"cifar-10-{form}.tar.gz"
    assert name in download.CIFAR_MD5
    site.cut = len(ARCHIVE) // 2
    arguments = [] if form == "binary" else ["--form", form]
    failed = run_script(tmp_path, *arguments, "data/raw", site=site, name="cifar10")
    assert failed.returncode == 1
    assert "continues where it stopped" in failed.stderr
    assert names(tmp_path / "data/raw") == []
    site.cut, site.sent = None, 0
    done = run_script(tmp_path, *arguments, "data/raw", site=site, name="cifar10")
    assert done.returncode == 0, done.stderr
    assert 0 < site.sent < len(ARCHIVE)
    assert (tmp_path / "data/raw" / name).read_bytes() == ARCHIVE
    said, _, command = done.stdout.partition("To record the file:\n")
    own = with_sections(said)
    assert own.sources.cifar["objects"].files == [f"data/raw/{name}"]
    assert own.sources.cifar["objects"].classes == list(cifar.CLASSES)
    assert command.split() == ["dvc", "add", f"data/raw/{name}"]
    again = run_script(tmp_path, *arguments, "data/raw", site=site, name="cifar10")
    assert again.stderr.startswith(f"error: data/raw/{name}: already there")


def test_an_unknown_form_is_named(tmp_path, site):
    failed = run_script(tmp_path, "--form", "matlab", "data/raw", site=site, name="cifar10")
    assert failed.returncode
    assert "binary" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert not site.ranges


def test_script_names_the_split_that_the_zip_lacks(tmp_path, site):
    failed = run_script(tmp_path, "--split", "letters", "data/raw", site=site)
    assert failed.returncode == 1
    assert "holds no gzip/emnist-letters-train-labels-idx1-ubyte.gz" in failed.stderr
    assert names(tmp_path / "data/raw") == []
