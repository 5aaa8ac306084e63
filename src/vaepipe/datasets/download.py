"""The official files of EMNIST, MNIST and CIFAR-10.

EMNIST's are fetched as one zip of IDX files and written as the official CSV files; its images are
stored transposed in both forms. MNIST's four IDX files and CIFAR-10's archives are taken as they
are.
"""

import gzip
import shutil
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pooch
import requests
from tqdm import tqdm

from vaepipe.core.errors import InputError
from vaepipe.core.files import replacing
from vaepipe.core.progress import bar
from vaepipe.datasets.formats import emnist, idx
from vaepipe.datasets.formats.characters import upright
from vaepipe.datasets.formats.streams import Stream, blocks

URL = "https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip"
MD5 = "58c8d27c78d21e728a6bc7b3cc06412e"

MNIST_URL = "https://ossci-datasets.s3.amazonaws.com/mnist"
MNIST_MD5 = {
    "train-images-idx3-ubyte.gz": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
    "train-labels-idx1-ubyte.gz": "d53e105ee54ea40749a09fcbcd1e9432",
    "t10k-images-idx3-ubyte.gz": "9fb629c4189551a2d022fa330f9573f3",
    "t10k-labels-idx1-ubyte.gz": "ec29112dd5afa0611ce80d1b7f02629c",
}
"""Of images and labels, train and test, as the mirror of PyTorch's project has them."""

CIFAR_URL = "https://www.cs.toronto.edu/~kriz"
CIFAR_MD5 = {
    "cifar-10-binary.tar.gz": "c32a1d4ab5d03f1284b67883e8d87530",
    "cifar-10-python.tar.gz": "c58f30108f718f92721af3b95e74349a",
}
"""Of its two archives, which hold the same images."""

TIMEOUT = 30.0
"""Seconds that the server may stay silent."""

BLOCK_BYTES = 1 << 16


def download_emnist(folder: Path, split: str, cache: Path, url: str, md5: str) -> tuple[Path, Path]:
    """Fetch the official zip into a cache and write a split's two CSV files to a folder.

    Returns the paths of the training and of the test file. Raises InputError if one of them
    exists, before anything is fetched, and as `fetch` and `write_csv` do.
    """
    targets = tuple(folder / f"emnist-{split}-{part}.csv" for part in ("train", "test"))
    _check_free(targets)
    archive = cache / url.rpartition("/")[2]
    fetch(url, md5, archive)
    with replacing(*targets) as (train, test):
        write_csv(archive, split, "train", train)
        write_csv(archive, split, "test", test)
    return targets


def download_files(folder: Path, cache: Path, url: str, md5: Mapping[str, str]) -> list[Path]:
    """Fetch files of a site, by name, into a cache, and copy them to a folder once all are there.

    Returns their paths. Raises InputError if one of them exists, before anything is fetched, and as
    `fetch` does.
    """
    targets = [folder / name for name in md5]
    _check_free(targets)
    for name, checksum in md5.items():
        fetch(f"{url}/{name}", checksum, cache / name)
    with replacing(*targets) as files:
        for name, file in zip(md5, files, strict=True):
            shutil.copyfile(cache / name, file)
    return targets


def _check_free(targets: Iterable[Path]) -> None:
    present = [str(target) for target in targets if target.exists()]
    if present:
        raise InputError(
            f"{', '.join(present)}: already there, and left so. To make the files anew, move "
            "what is there away first."
        )


def fetch(url: str, md5: str, target: Path) -> None:
    """Download a file unless it is there; an interrupted download is continued by the next call.

    What has arrived so far lies in `<target>.part`. Raises InputError if the download fails or
    the MD5 checksum of the target or of what has arrived is wrong; the latter is removed.
    """
    partial = target.with_name(f"{target.name}.part")
    elsewhere = f"fetch the file by other means and put it at {target}."

    def download(url: str, output: str, _: None) -> None:
        if target.exists():
            raise InputError(
                f"{target}: wrong MD5 checksum, expected {md5} but got "
                f"{pooch.file_hash(target, 'md5')}. Delete the file and run again."
            )
        try:
            _continue(url, partial)
        except requests.RequestException as error:
            raise InputError(
                f"{url}: the download failed ({_cause(error)}). Run the same command again, "
                f"which continues where it stopped, or {elsewhere}"
            ) from error
        partial.replace(output)

    try:
        pooch.retrieve(url, f"md5:{md5}", target.name, target.parent, downloader=download)
    except ValueError as error:
        raise InputError(f"{url}: {error} Run the same command again, or {elsewhere}") from error


def _continue(url: str, partial: Path) -> None:
    """Append the rest of a file to what is there of it, or fetch all if the server will not."""
    start = partial.stat().st_size if partial.exists() else 0
    with _request(url, start) as response:
        if response.status_code != requests.codes.partial_content:
            start = 0
        length = response.headers.get("Content-Length")
        with (
            partial.open("ab" if start else "wb") as file,
            tqdm(
                desc=f"fetching {partial.stem}",
                total=start + int(length) if length else None,
                initial=start,
                unit="B",
                unit_scale=True,
                disable=None,
                leave=False,
            ) as moved,
        ):
            for block in response.iter_content(BLOCK_BYTES):
                file.write(block)
                moved.update(len(block))


def _request(url: str, start: int) -> requests.Response:
    """The answer to a request for a file from a byte on, or for all if nothing is left there."""
    headers = {"Accept-Encoding": "identity"}  # counted as stored
    if start:
        headers["Range"] = f"bytes={start}-"
    response = requests.get(url, headers=headers, stream=True, timeout=TIMEOUT)
    if start and response.status_code == requests.codes.requested_range_not_satisfiable:
        response.close()
        return _request(url, 0)
    if not response.ok:
        response.close()
        raise requests.HTTPError(f"the server answered {response.status_code} {response.reason}")
    return response


def _cause(error: BaseException) -> str:
    """What the operating system or the server said, from under the layers of libraries."""
    while error.__context__:
        error = error.__context__
    return getattr(error, "strerror", None) or str(error)


def write_csv(archive: Path, split: str, part: str, target: Path) -> None:
    """Convert one part, train or test, of a split in EMNIST's zip of IDX files to a CSV file.

    Streams: memory does not grow with the number of images. Raises InputError that names the
    file if the zip is unreadable or lacks a file, or a file is not IDX, is cut off, has values
    left over, or has another number of items than its companion.
    """
    stem = f"gzip/emnist-{split}-{part}"
    try:
        with (
            zipfile.ZipFile(archive) as content,
            _member(content, f"{stem}-labels-idx1-ubyte.gz") as labels,
            _member(content, f"{stem}-images-idx3-ubyte.gz") as images,
        ):
            _convert(labels, images, target)
    except zipfile.BadZipFile as error:
        raise InputError(f"{archive}: not a readable zip file ({error}).") from error


@contextmanager
def _member(archive: zipfile.ZipFile, name: str) -> Iterator[Stream]:
    if name not in archive.namelist():
        raise InputError(f"{archive.filename}: holds no {name}; is it EMNIST's gzip.zip?")
    with archive.open(name) as packed, gzip.GzipFile(fileobj=packed) as file:
        yield Stream(f"{archive.filename}: {name}", file)


def _convert(labels: Stream, images: Stream, target: Path) -> None:
    count = idx.count(labels, idx.LABELS_MAGIC, ())
    shape = (emnist.SIDE, emnist.SIDE)
    pictured = idx.count(images, idx.IMAGES_MAGIC, shape)
    if pictured != count:
        raise InputError(f"{images.name}: {pictured} images, but {count} labels in {labels.name}.")
    with target.open("wb") as file, bar(count, f"writing {target.name}", "image") as moved:
        for codes, stored in blocks(images, labels, count, shape):
            emnist.write_csv(file, codes, upright(stored, "transposed"))
            moved.update(len(codes))
