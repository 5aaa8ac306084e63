import errno
import gzip

import numpy as np
import pyarrow.csv
import pytest

from vaepipe.core.errors import InputError
from vaepipe.datasets.formats import emnist
from vaepipe.datasets.images import read_images


@pytest.fixture
def letters():
    """Two images of every Balanced class, with a mark that tells rows from columns."""
    labels = np.repeat(np.arange(47), 2)
    images = np.zeros((94, 28, 28), np.uint8)
    images[:, 3, 20] = labels + 1
    return labels, images


def read_all(path, split="balanced"):
    blocks = list(emnist.read_csv(path, split))
    return tuple(np.concatenate(part) for part in zip(*blocks, strict=True))


def test_file_is_in_the_official_form(tmp_path, letters):
    path = tmp_path / "emnist.csv"
    emnist.write_csv(path, *letters)
    values = np.loadtxt(path, delimiter=",", dtype=int)
    assert values.shape == (94, 785)
    assert (values[:, 0] == letters[0]).all()
    assert values[5, 1 + 20 * 28 + 3] == letters[0][5] + 1  # transposed: column after column


@pytest.mark.parametrize("header", [False, True])
@pytest.mark.parametrize("packed", [False, True])
def test_read_gives_upright_images(tmp_path, letters, header, packed):
    plain = tmp_path / "plain.csv"
    emnist.write_csv(plain, *letters)
    content = plain.read_bytes()
    if header:
        names = ",".join(["label", *(f"pixel{i}" for i in range(784))])
        content = f"{names}\n".encode() + content
    path = tmp_path / ("emnist.csv.gz" if packed else "emnist.csv")
    path.write_bytes(gzip.compress(content) if packed else content)
    labels, images = read_all(path)
    assert (labels == letters[0]).all()
    assert (images == letters[1]).all()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("names", ['"label"', "label", "\ufefflabel"])
def test_a_header_may_hold_any_names(tmp_path, letters, names, end):
    path = tmp_path / "mnist.csv"
    emnist.write_csv(path, *letters)
    header = ",".join([names, *(f"{i}x{j}" for i in range(1, 29) for j in range(1, 29))])
    content = header + "\n" + path.read_text()
    path.write_bytes(content.replace("\n", end).encode())
    assert (read_all(path)[0] == letters[0]).all()


@pytest.mark.parametrize("value", ["16", "+1", "1.0", ".5", "-1e3", "1e999", "1_0", "0x10", "0o17"])
def test_a_row_with_a_number_is_no_header(tmp_path, letters, value):
    path = tmp_path / "emnist.csv"
    emnist.write_csv(path, *letters)
    names = ["label", value, *(f"pixel{i}" for i in range(1, 784))]
    path.write_bytes(",".join(names).encode() + b"\n" + path.read_bytes())
    with pytest.raises(InputError, match=r"emnist\.csv.*[Rr]ow"):
        read_all(path)


def test_a_byte_order_mark_and_windows_line_ends_cost_no_row(tmp_path, letters):
    path = tmp_path / "emnist.csv"
    emnist.write_csv(path, *letters)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert (read_all(path)[0] == letters[0]).all()


@pytest.mark.parametrize(
    ("code", "split", "expected"),
    [
        (0, "balanced", "0"),
        (10, "balanced", "A"),
        (35, "balanced", "Z"),
        (36, "balanced", "a"),
        (46, "bymerge", "t"),
        (61, "byclass", "z"),
        (1, "letters", "A"),
        (26, "letters", "Z"),
        (7, "digits", "7"),
    ],
)
def test_character_of_a_code(code, split, expected):
    assert emnist.character(code, split=split) == expected
    assert emnist.character(code=code, split=split) == expected


@pytest.mark.parametrize(("code", "split"), [(47, "balanced"), (0, "letters"), (-1, "mnist")])
def test_character_refuses_a_code_outside_the_split(code, split):
    with pytest.raises(ValueError, match=str(code)):
        emnist.character(code, split)


def test_character_refuses_an_unknown_split():
    with pytest.raises(ValueError, match="unknown split 'faces', expected one of balanced"):
        emnist.character(1, "faces")


def test_ingest_keeps_the_wanted_classes_in_their_order(tmp_path, letters):
    source, target = tmp_path / "emnist.csv", tmp_path / "images.parquet"
    emnist.write_csv(source, *letters)
    emnist.ingest_file(source, target, "balanced", "transposed", "ZA")
    images = read_images(target)
    assert images.kind.classes == ("Z", "A")
    assert images.kind.shape == (28, 28)
    assert images.labels.tolist() == [1, 1, 0, 0]
    assert images.pixels["image"].dtype == np.uint8
    upright = images.pixels["image"].reshape(-1, 28, 28)
    assert upright[:, 3, 20].tolist() == [11, 11, 36, 36]


def test_upright_files_are_read_as_they_are(tmp_path, letters):
    path = tmp_path / "mnist.csv"
    labels, images = letters
    emnist.write_csv(path, labels, images.transpose(0, 2, 1))
    blocks = list(emnist.read_csv(path, "balanced", "upright"))
    assert (np.concatenate([block for _, block in blocks]) == images).all()


def stroke(rows, columns):
    image = np.zeros((28, 28), np.uint8)
    image[4 : 4 + rows, 4 : 4 + columns] = 255
    return image


@pytest.mark.parametrize(("orientation", "warned"), [("transposed", False), ("upright", True)])
def test_characters_on_their_side_are_told(tmp_path, caplog, orientation, warned):
    """Of three characters one is wider than high."""
    source = tmp_path / "emnist.csv"
    images = np.stack([stroke(20, 9), stroke(18, 14), stroke(14, 16)])
    emnist.write_csv(source, np.array([10, 11, 10]), images)
    emnist.ingest_file(source, tmp_path / "images.parquet", "balanced", orientation, "AB")
    words = "emnist.csv: the characters are 17.3 pixels wide and 13.0 high on average"
    assert (words in caplog.text) == warned
    assert ("`orientation`" in caplog.text) == warned


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda image: image // 255, "no pixel is above 127 of 255. Are they 0 and 1?"),
        (lambda image: 255 - image, "78 % of the pixels are bright. Is it black ink on white"),
    ],
)
def test_what_cannot_be_ink_on_paper_is_told(tmp_path, caplog, change, words):
    source = tmp_path / "emnist.csv"
    emnist.write_csv(source, np.array([10]), change(stroke(19, 9))[None])
    emnist.ingest_file(source, tmp_path / "images.parquet", "balanced", "transposed", "A")
    assert words in caplog.text


def test_ingest_reads_the_letters_split(tmp_path, letters):
    source, target = tmp_path / "emnist.csv", tmp_path / "images.parquet"
    emnist.write_csv(source, np.array([1, 26]), letters[1][:2])
    emnist.ingest_file(source, target, "letters", "transposed", "AZ")
    assert read_images(target).labels.tolist() == [0, 1]


GOOD = ["10", *["0"] * 784]


def broken(changes: dict[int, str]) -> bytes:
    rows = [list(GOOD) for _ in range(3000)]
    for index, value in changes.items():
        rows[2500][index] = value
    return "\n".join(",".join(row) for row in rows).encode()


def truncated() -> bytes:
    content = gzip.compress(broken({}))
    return content[: len(content) // 2]


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("empty.csv", b"", "empty"),
        ("blank.csv", b"\n\n", "empty"),
        ("short.csv", b"\n".join([",".join(GOOD).encode(), b"10,0,0"]), "Row #2.*785.*got 3"),
        ("long.csv", (",".join(GOOD) + ",0\n").encode(), "Row #1.*785.*got 786"),
        ("text.csv", broken({7: "ink"}), "Row #2501.*'ink'.*0..255"),
        ("high.csv", broken({7: "256"}), "Row #2501.*'256'"),
        ("negative.csv", broken({7: "-1"}), "Row #2501.*'-1'"),
        ("missing value.csv", broken({7: ""}), "Row #2501.*''"),
        ("label.csv", broken({0: "47"}), "row 2501.*label 47.*0..46"),
        ("cut.csv.gz", truncated(), "[Tt]runcated.*again"),
        ("not.csv.gz", b"not gzip at all" * 9, "zlib.*again"),
        ("first label.csv", b"A," + ",".join(GOOD[1:]).encode(), "Row #1.*'A'"),
        ("first float.csv", b"10.5," + ",".join(GOOD[1:]).encode(), "Row #1.*'10.5'"),
        ("hex.csv", broken({7: "0x10"}), "row 2501.*'0x10'.*0..255"),
        ("first hex.csv", b"7,0x10," + ",".join(GOOD[2:]).encode(), "row 1:.*'0x10'"),
        ("all hex.csv", ",".join(["0x1"] * 785).encode(), "row 1:.*'0x1'"),
        ("first pixel.csv", b"7,O," + ",".join(GOOD[2:]).encode(), "Row #1.*'O'"),
        ("both.csv", b"O,O," + ",".join(GOOD[2:]).encode(), "Row #1.*'O'"),
        ("short header.csv", b"label,ink\n" + broken({}), "Row #1.*785.*got 2"),
        ("quotes.csv", broken({7: '"1"0'}), "Row #2501"),
        ("other.csv", broken({}).replace(b"10,", b"20,"), "no image of A"),
    ],
)
def test_bad_files_are_named_and_leave_nothing(tmp_path, name, content, expected):
    source, target = tmp_path / name, tmp_path / "images.parquet"
    source.write_bytes(content)
    with pytest.raises(InputError, match=f"(?s){name}.*{expected}"):
        emnist.ingest_file(source, target, "balanced", "transposed", "A")


@pytest.mark.parametrize("most", [7000, 11_000, 2**20])
@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_rows_and_what_is_wrong_are_the_same_whatever_the_blocks(
    tmp_path, monkeypatch, letters, most, threads, end
):
    monkeypatch.setattr(emnist, "BLOCK_BYTES", most)
    monkeypatch.setattr(emnist, "threads", lambda: threads)
    path = tmp_path / "emnist.csv"
    emnist.write_csv(path, *letters)
    content = path.read_bytes().replace(b"\n", end.encode())
    path.write_bytes(content)
    labels, images = read_all(path)
    assert (labels == letters[0]).all() and (images == letters[1]).all()
    header = ",".join(["label", *(f"pixel{i}" for i in range(784))]) + end
    for value, words in (("ink", "Row #72.*'ink'"), ("0x1", "row 72:.*'0x1'"), ("", "Row #72")):
        lines = content.decode().split(end)
        lines[70] = ",".join([lines[70].rsplit(",", 1)[0], value])
        lines[9:9] = ["", ""]  # which are no rows
        path.write_bytes((header + end.join(lines)).encode())
        with pytest.raises(InputError, match=words):
            read_all(path)


@pytest.mark.parametrize("start", [b"\n", b"\r\n\r\n", b"\xef\xbb\xbf\n", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"", b"\n", b"\n\n"])
@pytest.mark.parametrize("header", [b"", ",".join(["label", *784 * ["ink"]]).encode() + b"\n\n"])
def test_empty_lines_around_a_single_row_mean_nothing(tmp_path, start, header, end):
    path = tmp_path / "emnist.csv"
    path.write_bytes(start + header + ",".join(GOOD).encode() + end)
    assert read_all(path)[0].tolist() == [10]


@pytest.mark.parametrize("values", [("0x5", "0X6"), ("0X5", "0x6")])
def test_of_two_hexadecimal_values_the_first_is_named(tmp_path, values):
    path = tmp_path / "emnist.csv"
    path.write_text("\n".join(",".join([*GOOD[:-1], value]) for value in (GOOD[-1], *values)))
    with pytest.raises(InputError, match=f"row 2: invalid value '{values[0]}'"):
        read_all(path)


@pytest.mark.parametrize("rows", [1, 3])
def test_a_byte_order_mark_within_a_file_is_no_part_of_a_number(tmp_path, monkeypatch, rows):
    """Also where a block begins with it."""
    row = ",".join(GOOD).encode() + b"\n"
    monkeypatch.setattr(emnist, "BLOCK_BYTES", rows * len(row) + 10)
    path = tmp_path / "emnist.csv"
    path.write_bytes(3 * row + b"\xef\xbb\xbf" + row)
    with pytest.raises(InputError, match=r"[Rr]ow #?4"):
        read_all(path)


def test_a_failure_of_the_system_is_not_the_files_fault(monkeypatch, tmp_path, letters):
    def fail(*_, **__):
        raise OSError(errno.EIO, "Input/output error")

    path = tmp_path / "emnist.csv"
    emnist.write_csv(path, *letters)
    monkeypatch.setattr(pyarrow.csv, "read_csv", fail)
    with pytest.raises(OSError, match=r"Input/output error.*emnist\.csv") as caught:
        read_all(path)
    assert caught.value.errno == errno.EIO


def test_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"absent\.csv: no such file"):
        emnist.ingest_file(tmp_path / "absent.csv", tmp_path / "x", "balanced", "transposed", "A")


def test_a_class_that_the_split_lacks_is_named(tmp_path):
    emnist.write_csv(tmp_path / "any.csv", np.array([1]), np.zeros((1, 28, 28), np.uint8))
    with pytest.raises(InputError, match="A not in the split 'digits'"):
        emnist.ingest_file(tmp_path / "any.csv", tmp_path / "x", "digits", "transposed", "A1")


def test_both_files_of_a_source_are_ingested_in_their_order(tmp_path, letters):
    labels, images = letters
    for name, rows in (("train", slice(None)), ("test", slice(0, 94, 2))):
        emnist.write_csv(tmp_path / f"{name}.csv", labels[rows], images[rows])
    targets = [tmp_path / "train.parquet", tmp_path / "test.parquet"]
    files = {name: str(tmp_path / f"{name}.csv") for name in ("train", "test")}
    emnist.ingest(targets, **files, split="balanced", orientation="transposed", classes="AB")
    train, test = (read_images(target) for target in targets)
    assert (len(train.labels), len(test.labels)) == (4, 2)
    assert (train.kind.source, test.kind.source) == (files["train"], files["test"])
