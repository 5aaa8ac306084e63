"""What a file says, read a second time by other means: strictly, slowly, without the library."""

import csv
import gzip
import io
import json
import math
import pickle
import re
import tarfile
import zlib

import numpy as np
import yaml

Array = np.ndarray


class UnclearError(Exception):
    """A document that does not say clearly what it means."""


def emnist(content: bytes) -> Array:
    """Labels and pixels (n, 785) of a CSV file."""
    rows = [row for row in re.split(rb"\r\n|\n|\r", content.removeprefix(b"\xef\xbb\xbf")) if row]
    values = [[_whole(field) for field in row.split(b",")] for row in rows]
    if values and _is_header(rows[0].split(b","), values[0]):
        del values[0]
    whole = all(len(row) == 785 and None not in row and row[0] < 47 for row in values)
    if not whole or not values:
        raise UnclearError("no rows of a label and 784 pixels")
    return np.array(values)


def _whole(field: bytes) -> int | None:
    match = re.fullmatch(rb'[ \t]*("?)0*([0-9]{1,3})\1[ \t]*', field)
    value = int(match[2]) if match else 256
    return value if value <= 255 else None


def _is_header(fields: list[bytes], values: list[int | None]) -> bool:
    """Names: the label's and the first pixel's are no numbers, and so are most."""
    names = [not re.match(rb'[ \t"]*[-+.]?[0-9]', field) for field in fields]
    return all(names[:2]) and values.count(None) > len(values) / 2


def idx(images: bytes, labels: bytes) -> tuple[list[int], list[int]]:
    """The pixels of all images of 11 to 1024 pixels a side, and their labels, which are digits."""

    def numbers(content: bytes, magic: int, dimensions: int) -> list[int]:
        words = [content[4 * i : 4 * i + 4] for i in range(1 + dimensions)]
        if len(words[-1]) < 4 or int.from_bytes(words[0]) != magic:
            raise UnclearError("no header")
        return [int.from_bytes(word) for word in words[1:]]

    count, *sides = numbers(images, 0x803, 3)
    (labelled,) = numbers(labels, 0x801, 1)
    pixels, found = list(images[16:]), list(labels[8:])
    fits = len(pixels) == count * math.prod(sides) and len(found) == labelled == count
    if not (fits and count and all(11 <= side <= 1024 for side in sides) and max(found) < 10):
        raise UnclearError("not as many images and labels as is stated")
    return pixels, found


def array(content: bytes) -> Array:
    """An array as numpy reads it, with nothing behind it."""
    stream = io.BytesIO(content)
    found = np.load(stream, allow_pickle=False)
    if stream.read(1):
        raise UnclearError("something follows")
    return found


def records(content: bytes) -> tuple[list[int], list[int]]:
    """The labels of records of 3,073 bytes, and their pixels in the order of the file."""
    found = [content[i : i + 3073] for i in range(0, len(content), 3073)]
    if not found or len(found[-1]) < 3073 or any(record[0] > 9 for record in found):
        raise UnclearError("no whole records with labels 0..9")
    return [record[0] for record in found], [pixel for record in found for pixel in record[1:]]


def batch(content: bytes, name: str) -> bytes:
    """What an archive holds under a name, in a folder, as Python's own reader has it."""
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        members = [m for m in archive.getmembers() if m.name.rpartition("/")[2] == name]
        if len(members) != 1 or not members[0].isreg():
            raise UnclearError(f"no one file {name}")
        return archive.extractfile(members[0]).read()


class _Plain(pickle.Unpickler):
    """Admits what makes an array of numpy, by pickle's own hand."""

    def find_class(self, module: str, name: str):
        if module.partition(".")[0] != "numpy" or name not in ("_reconstruct", "ndarray", "dtype"):
            raise UnclearError(f"{module}.{name}")
        return super().find_class(module, name)


def pickled(content: bytes) -> tuple[list[int], list[int]]:
    """Labels and pixels of a batch; only of a pickle that the library has called harmless."""
    try:
        found = _Plain(io.BytesIO(content), encoding="bytes").load()
    except pickle.UnpicklingError as error:
        raise UnclearError(str(error)) from error
    labels, pixels = found[b"labels"], found[b"data"]
    if pixels.dtype != np.uint8 or pixels.shape != (len(labels), 3072) or max(labels) > 9:
        raise UnclearError("not as many images as labels")
    return labels, pixels.ravel().tolist()


def unpacked(content: bytes) -> bytes:
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise UnclearError(str(error)) from error


def agrees_with_yaml(value: object, content: bytes) -> bool:
    """Whether a value is what a YAML document of UTF-8 states: no key twice, nothing coerced."""
    try:
        node = yaml.compose(content.decode("utf-8-sig"), Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        raise UnclearError(str(error)) from error
    return _agrees(value, node)


def _agrees(value: object, node: yaml.Node) -> bool:
    match node:
        case yaml.MappingNode():
            keys = [key.value for key, _ in node.value]
            return (
                isinstance(value, dict)
                and sorted(keys) == sorted(value)
                and all(_agrees(value[key.value], item) for key, item in node.value)
            )
        case yaml.SequenceNode():
            return (
                isinstance(value, list)
                and len(value) == len(node.value)
                and all(map(_agrees, value, node.value))
            )
    text = node.value
    if node.style in ("'", '"', "|", ">") or isinstance(value, str):
        return value == text
    if value is None or isinstance(value, bool):
        return (
            text.lower()
            in ({None: ("null", "~", "")} | {True: ("true",), False: ("false",)})[value]
        )
    return isinstance(value, int | float) and math.isfinite(value) and value == _number(text)


def _number(text: str) -> float | None:
    for read in (int, lambda t: int(t, 0), float):
        try:
            return read(text)
        except ValueError:
            continue
    return None


def safetensors(content: bytes) -> dict[str, Array]:
    """The float32 and integer arrays of a safetensors file; raises an error for any other."""
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    body = content[8 + length :]
    types = {"F32": "<f4", "F64": "<f8", "U8": "u1", "I64": "<i8", "I32": "<i4"}
    found, covered = {}, 0
    for name, entry in header.items():
        if name != "__metadata__":
            start, end = entry["data_offsets"]
            found[name] = np.frombuffer(body[start:end], types[entry["dtype"]])
            found[name] = found[name].reshape(entry["shape"])
            covered += end - start
    if covered != len(body):
        raise UnclearError("bytes that belong to no array")
    return found


def seeds(content: bytes) -> list[tuple[int, str, float]]:
    """The rows of a seeds.json: seed, measure, value."""
    document = json.loads(content)
    return [
        (seed, measure, value)
        for measure, found in document["measures"].items()
        for seed, value in zip(document["seeds"], found["values"], strict=True)
    ]


def history(content: bytes) -> dict[str, list]:
    """The columns of a history.csv: a full table of finite numbers, but for the splits."""
    rows = list(csv.reader(io.StringIO(content.decode(), newline="")))
    names, *values = [row for row in rows if row]
    columns = dict(zip(names, zip(*values, strict=True), strict=True))
    numbers = {name: list(map(float, c)) for name, c in columns.items() if name != "split"}
    finite = all(math.isfinite(value) for column in numbers.values() for value in column)
    if len(columns) < len(names) or not finite or not set(columns["split"]) <= {"train", "test"}:
        raise UnclearError("no full table of finite numbers")
    return numbers | {"split": list(columns["split"])}
