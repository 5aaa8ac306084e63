import hashlib
import io
import os
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest

from vaepipe.core.errors import InputError
from vaepipe.datasets.formats.containers import opened, write_index

FILES = {
    "b/two.PNG": b"2",
    "a.jpeg": b"one",
    "b/c/three.webp": b"",
    "table.csv": b"file,x\n",
}
IGNORED = {"readme.txt": b"x", "b/.hidden.png": b"x", "__MACOSX/b/._two.png": b"x"}
LONG = "long/" * 30 + "4.png"


def zipped(path: Path, files) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in dict(files).items():
            archive.writestr(name, content)
    return path


def tarred(path: Path, files, form=tarfile.GNU_FORMAT) -> Path:
    with tarfile.open(path, "w" if path.suffix == ".tar" else "w:gz", format=form) as archive:
        for name, content in dict(files).items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def indexed(path: Path, files) -> Path:
    for name, content in dict(files).items():
        file = path.with_suffix("") / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return write_index(path.with_suffix(""))


def read(path: Path) -> dict[str, bytes]:
    found = {}
    with opened(path) as files:
        for file in files:
            found[file.name] = file.read()
            assert file.size == len(found[file.name])
    return found


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (zipped, "x.zip"),
        (tarred, "x.tar"),
        (tarred, "x.tar.gz"),
        (tarred, "x.tgz"),
        (indexed, "x.csv"),
    ],
)
def test_images_and_tables_are_found_and_nothing_else(tmp_path, make, name):
    files = FILES | IGNORED | {LONG: b"4"}
    found = read(make(tmp_path / name, files))
    assert found == FILES | {LONG: b"4"}
    if make is not tarred:
        assert list(found) == sorted(found)


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_the_paths_of_a_tar_of_any_form(tmp_path, form):
    names = ["./a/1.png", LONG, "b/é.png" if form else "b/e.png", "c/" + "5" * 90 + ".png"]
    if form != tarfile.USTAR_FORMAT:
        names.append("d/" + "6" * 140 + ".png")
    path = tarred(tmp_path / "x.tar.gz", {name: name.encode() for name in names}, form)
    expected = {name.removeprefix("./"): name.encode() for name in names}
    assert read(path) == expected
    with tarfile.open(path) as archive:
        assert archive.getnames() == names


def test_an_index_states_name_size_and_digest(tmp_path):
    index = indexed(tmp_path / "faces.csv", FILES | IGNORED)
    header, first, *_ = index.read_text().splitlines()
    assert header == "name,bytes,sha256"
    assert first == f"a.jpeg,3,{hashlib.sha256(b'one').hexdigest()}"
    assert len(index.read_text().splitlines()) == 1 + len(FILES)
    content = index.read_bytes()
    assert write_index(tmp_path / "faces").read_bytes() == content


def test_the_index_of_the_folder_that_one_is_in_bears_its_name(tmp_path, monkeypatch):
    (tmp_path / "faces").mkdir()
    (tmp_path / "faces/a.png").touch()
    monkeypatch.chdir(tmp_path / "faces")
    assert write_index(Path()) == tmp_path / "faces.csv"


@pytest.mark.parametrize("content", [b"onE", b"one more", None])
def test_a_file_other_than_its_index_states_is_named(tmp_path, content):
    index = indexed(tmp_path / "faces.csv", FILES)
    file = tmp_path / "faces/a.jpeg"
    file.write_bytes(content) if content else file.unlink()
    with pytest.raises(InputError, match=r"faces/a\.jpeg: (is not the file|no such file)"):
        read(index)


def test_files_that_the_index_does_not_list_are_not_read(tmp_path):
    index = indexed(tmp_path / "faces.csv", FILES)
    (tmp_path / "faces/new.png").write_bytes(b"new")
    assert read(index) == FILES


DIGEST = hashlib.sha256(b"").hexdigest()
WRONG_ROWS = {
    "no header": f"a.png,0,{DIGEST}\n",
    "another header": "file,class\na.png,1\n",
    "no digest": "name,bytes,sha256\na.png,0\n",
    "a size that is none": f"name,bytes,sha256\na.png,x,{DIGEST}\n",
    "a name that leads out": f"name,bytes,sha256\n../a.png,0,{DIGEST}\n",
    "an absolute name": f"name,bytes,sha256\n/etc/a.png,0,{DIGEST}\n",
    "no image": f"name,bytes,sha256\na.txt,0,{DIGEST}\n",
    "twice": f"name,bytes,sha256\na.png,0,{DIGEST}\na.png,0,{DIGEST}\n",
    "bytes": "\udcff\n",
}


@pytest.mark.parametrize("case", WRONG_ROWS)
def test_an_index_that_is_none_is_named(tmp_path, case):
    index = tmp_path / "faces.csv"
    index.write_text(WRONG_ROWS[case], errors="surrogateescape")
    (tmp_path / "faces").mkdir()
    (tmp_path / "faces/a.png").touch()
    with pytest.raises(InputError, match=r"faces\.csv: "):
        read(index)


def test_a_folder_that_cannot_be_indexed(tmp_path):
    with pytest.raises(InputError, match="faces: no such folder"):
        write_index(tmp_path / "faces")
    (tmp_path / "faces").mkdir()
    (tmp_path / "faces/a.csv").touch()
    with pytest.raises(InputError, match="faces: holds no image"):
        write_index(tmp_path / "faces")
    (tmp_path / "faces/a.png").touch()
    (tmp_path / "faces.csv").write_text("a table,of the user\n")
    with pytest.raises(InputError, match=r"faces\.csv: is no index"):
        write_index(tmp_path / "faces")
    assert (tmp_path / "faces.csv").read_text() == "a table,of the user\n"
    (tmp_path / "faces.csv").unlink()
    os.close(os.open(bytes(tmp_path / "faces") + b"/\xff.png", os.O_CREAT))
    with pytest.raises(InputError, match="rename it"):
        write_index(tmp_path / "faces")
    assert not (tmp_path / "faces.csv").exists()


@pytest.mark.parametrize(
    "name", ["../a.png", "/etc/a.png", "b/../../a.png", "b\\a.png", "b\na.png"]
)
def test_names_that_lead_elsewhere_are_refused(tmp_path, name):
    for path in (zipped(tmp_path / "x.zip", {name: b""}), tarred(tmp_path / "x.tar", {name: b""})):
        with pytest.raises(InputError, match=r"x\.(zip|tar): '"):
            read(path)


def link(path: Path) -> None:
    member = zipfile.ZipInfo("a.png")
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, "/etc/passwd")


def twice(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.png", b"1")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a.png", b"2")


def encrypted(path: Path) -> None:
    """The flag alone, in both headers."""
    zipped(path, {"a.png": b"1"})
    content = bytearray(path.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\1\2") + 8] |= 1
    path.write_bytes(content)


def packed_otherwise(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("a.png", b"1")


def flipped(path: Path) -> None:
    zipped(path, {"a.png": b"1234567890"})
    content = bytearray(path.read_bytes())
    content[37] ^= 1
    path.write_bytes(content)


def cut_off(path: Path) -> None:
    zipped(path, FILES)
    path.write_bytes(path.read_bytes()[:-30])


def text(path: Path) -> None:
    path.write_text("not a zip")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (link, r"x\.zip: a\.png: is a link"),
        (twice, r"x\.zip: holds a\.png twice"),
        (encrypted, r"x\.zip: a\.png: is encrypted"),
        (packed_otherwise, r"x\.zip: a\.png: is encrypted, or packed in a way"),
        (flipped, r"x\.zip: a\.png: cannot be unpacked"),
        (cut_off, r"x\.zip: not a readable zip"),
        (text, r"x\.zip: not a readable zip"),
    ],
)
def test_what_is_wrong_with_a_zip_is_said(tmp_path, spoil, message):
    spoil(tmp_path / "x.zip")
    with pytest.raises(InputError, match=message):
        read(tmp_path / "x.zip")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE])
def test_links_and_devices_of_a_tar_are_refused(tmp_path, kind):
    with tarfile.open(tmp_path / "x.tar", "w") as archive:
        member = tarfile.TarInfo("a.png")
        member.type, member.linkname = kind, "/etc/passwd"
        archive.addfile(member)
    with pytest.raises(InputError, match=r"x\.tar: a\.png: is a link or a device"):
        read(tmp_path / "x.tar")


def test_a_tar_that_is_cut_off_or_states_too_long_a_path_is_named(tmp_path):
    path = tarred(tmp_path / "x.tar", FILES)
    path.write_bytes(path.read_bytes()[:700])
    with pytest.raises(InputError, match=r"x\.tar"):
        read(path)
    tarred(path, {"a/" * 40_000 + "1.png": b""})
    with pytest.raises(InputError, match="states more than 65536 bytes"):
        read(path)
