"""Images and tables where they lie: in a zip, in a tar, or in a folder that an index file lists.

The index `avatars.csv` of the folder `avatars` beside it states the name, size and SHA-256 of each
file, so that an engine which compares one file sees any change. Nothing is written to the disk.
"""

import csv
import errno
import hashlib
import re
import stat
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from vaepipe.core.errors import InputError
from vaepipe.core.files import replacing
from vaepipe.core.inputs import existing
from vaepipe.core.progress import track
from vaepipe.datasets.formats import tar
from vaepipe.datasets.formats.streams import Stream

IMAGES = (".png", ".jpg", ".jpeg", ".webp")
"""How the names of images end, in letters of either case."""
TABLE = ".csv"
PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
HEADER = ["name", "bytes", "sha256"]


@dataclass(frozen=True)
class File:
    """An image or a table."""

    name: str
    """Its path in the archive or the folder."""
    size: int
    """In bytes, unpacked."""
    read: Callable[[], bytes]
    """Its content; raises InputError if it is damaged or not as the index states."""
    lasting: bool
    """Whether `read` may be called after the next file was taken."""

    @property
    def is_image(self) -> bool:
        return self.name.lower().endswith(IMAGES)


@contextmanager
def opened(path: Path) -> Iterator[Iterator[File]]:
    """The images and tables of an archive, or of the folder of an index.

    In the order of their names, those of a tar in its own. Files with other endings, hidden ones
    and what macOS adds to a zip are passed over. Raises InputError that names the file, and the
    member, if it is damaged, encrypted, a link, twice there, or its name leads elsewhere.
    """
    if path.name.endswith(tar.ENDINGS):
        yield _kept(path, _in_tar(path))
    elif path.suffix == TABLE:
        yield _kept(path, _in_folder(path))
    else:
        with _zip(path) as archive:
            yield _kept(path, _in_zip(path, archive))


def write_index(folder: Path) -> Path:
    """Write the index of a folder beside it, in the place of an older one.

    Raises InputError if the folder is none or holds no image, or a file that is no index has the
    name.
    """
    folder = folder.resolve() if folder.name in ("", "..") else folder
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder.")
    names = sorted(
        name
        for name in (path.relative_to(folder).as_posix() for path in folder.rglob("*"))
        if _is_kept(name) and (folder / name).is_file()
    )
    if not any(name.lower().endswith(IMAGES) for name in names):
        raise InputError(f"{folder}: holds no image ({', '.join(IMAGES)}).")
    index = folder.with_name(folder.name + TABLE)
    if index.exists() and not _is_index(index):
        raise InputError(f"{index}: is no index, and would be replaced by one. Rename it.")
    rows = []
    for name in track(names, len(names), f"reading {folder.name}", "file"):
        _check_name(folder, name)
        content = (folder / name).read_bytes()
        rows.append([name, len(content), hashlib.sha256(content).hexdigest()])
    with replacing(index) as (file,), file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([HEADER, *rows])
    return index


def _is_index(path: Path) -> bool:
    with path.open(encoding="utf-8", errors="replace", newline="") as stream:
        return next(csv.reader(stream), None) == HEADER


def _kept(path: Path, files: Iterator[File]) -> Iterator[File]:
    seen = set()
    for file in files:
        if file.name in seen:
            raise InputError(f"{path}: holds {file.name} twice.")
        seen.add(file.name)
        yield file


def _is_kept(name: str) -> bool:
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in name.split("/"))
    return name.lower().endswith((*IMAGES, TABLE)) and not hidden


def _plain(path: Path, name: str) -> str | None:
    """A name as written plainly, or None if it is to be passed over."""
    plain = PurePosixPath(name).as_posix()
    leads_out = plain.startswith("/") or ".." in plain.split("/")
    if leads_out and plain.lower().endswith((*IMAGES, TABLE)):
        raise InputError(f"{path}: {name!r:.200}: its name leads out of where it lies.")
    if not _is_kept(plain):
        return None
    _check_name(path, plain)
    return plain


def _check_name(path: Path, name: str) -> None:
    if not name.isprintable() or "\\" in name:
        raise InputError(f"{path}: {name!r:.200}: rename it; its name has signs that are not text.")


def _in_tar(path: Path) -> Iterator[File]:
    for member in tar.members(path):
        if not (name := _plain(path, member.path)):
            continue
        if not member.is_file:
            raise InputError(f"{path}: {name}: is a link or a device, no plain file.")
        yield File(name, member.size, partial(member.stream.read, member.size), lasting=False)


@contextmanager
def _zip(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise InputError(f"{path}: not a readable zip, or damaged ({error}).") from error
    except OSError as error:
        if error.errno == errno.EINVAL:  # a place before the file's begin
            raise InputError(f"{path}: not a readable zip, or damaged.") from error
        raise
    with archive:
        yield archive


def _in_zip(path: Path, archive: zipfile.ZipFile) -> Iterator[File]:
    for member in sorted(archive.infolist(), key=lambda member: member.filename):
        if member.is_dir() or not (name := _plain(path, member.filename)):
            continue
        if member.flag_bits & 1 or member.compress_type not in PACKINGS:
            raise InputError(f"{path}: {name}: is encrypted, or packed in a way not supported.")
        if stat.S_ISLNK(member.external_attr >> 16):
            raise InputError(f"{path}: {name}: is a link, no plain file.")
        yield File(name, member.file_size, partial(_unzipped, path, archive, member), lasting=True)


def _unzipped(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    try:
        with archive.open(member) as file:
            content = Stream(f"{path}: {member.filename}", file).read(member.file_size)
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise InputError(f"{path}: {member.filename}: cannot be unpacked ({error}).") from error
    if len(content) < member.file_size:
        raise InputError(f"{path}: {member.filename}: is shorter than the zip states.")
    return content


def _in_folder(index: Path) -> Iterator[File]:
    for line, row in enumerate(_rows(index), start=1):
        if line == 1 and row == HEADER:
            continue
        match row:
            case [name, size, digest] if (
                line > 1
                and re.fullmatch("[0-9]{1,15}", size)
                and re.fullmatch("[0-9a-f]{64}", digest)
                and _plain(index, name) == name
            ):
                read = partial(_checked, index, name, int(size), digest)
                yield File(name, int(size), read, lasting=True)
            case _:
                raise InputError(
                    f"{index}: line {line}: not {', '.join(HEADER)} of an image. {_again(index)}"
                )


def _rows(index: Path) -> list[list[str]]:
    try:
        with index.open(encoding="utf-8", newline="") as file:
            return list(csv.reader(file))
    except (ValueError, csv.Error) as error:
        raise InputError(f"{index}: not an index of images ({error}). {_again(index)}") from error


def _checked(index: Path, name: str, size: int, digest: str) -> bytes:
    path = existing(index.with_suffix("") / name)
    same = path.stat().st_size == size
    content = path.read_bytes() if same else b""
    if not same or hashlib.sha256(content).hexdigest() != digest:
        raise InputError(f"{path}: is not the file that {index} states. {_again(index)}")
    return content


def _again(index: Path) -> str:
    return f"Run `python workflow/scripts/index_images.py {index.with_suffix('')}` again."
