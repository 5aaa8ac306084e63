"""What reading data costs beside what must be done: `python benchmarks/ingestion.py [ROWS ...]`.

Each reader runs in a process of its own; in each round all are timed one after another. Of CSV
files in EMNIST's form, with the built-in sample's characters repeated to so many rows: Arrow's
reader with its threads, which leaves a table in memory; the pipeline, which leaves the upright
images of 26 classes in Parquet; pandas' reader. Of pictures in a zip, on all processors: decoding
them, that and bringing them to the size that is asked for, and the pipeline, which also unpacks the
zip, looks at checksums and writes Parquet. Of a data set's Parquet file: a copy of as many numbers,
Arrow's reader, which leaves a table, and the pipeline's tensors. Printed are medians over the
rounds: seconds, those as a multiple of the first reader's, and the peak of the process in
megabytes.
"""

import math
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import numpy as np
from PIL import Image

ROUNDS = 3
ROWS = (100_000, 300_000, 1_000_000)
CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
PER_CLASS, AVATARS, IMAGES = 20, 2_000, 10_000
SIDE, TOGETHER = 64, 20
"""Pixels of a picture as it is asked for, and pictures that a thread decodes without a pause."""


def arrow(path: Path) -> Callable[[], object]:
    import pyarrow as pa
    import pyarrow.csv

    names = [str(i) for i in range(785)]
    reading = pyarrow.csv.ReadOptions(column_names=names)
    types = pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.uint8()))
    return lambda: pyarrow.csv.read_csv(path, reading, convert_options=types)


def csv(path: Path) -> Callable[[], object]:
    from vaepipe.datasets.formats.emnist import ingest_file

    target = path.with_suffix(".parquet")
    return lambda: ingest_file(path, target, "balanced", "transposed", CHARACTERS)


def pandas(path: Path) -> Callable[[], object]:
    import pandas as pd

    return lambda: pd.read_csv(path, header=None, dtype=np.uint8)


def decoding(path: Path) -> Callable[[], object]:
    return on_all_processors(path, np.asarray)


def resizing(path: Path) -> Callable[[], object]:
    def small(image: Image.Image) -> np.ndarray:
        return np.asarray(image.resize((SIDE, SIDE), Image.Resampling.LANCZOS))

    return on_all_processors(path, small)


def on_all_processors(
    path: Path, of: Callable[[Image.Image], np.ndarray]
) -> Callable[[], list[list[np.ndarray]]]:
    """What gives the pixels of all pictures of a zip, whose bytes are in memory before."""
    from vaepipe.datasets.formats.side_by_side import threads

    with ZipFile(path) as archive:
        files = [archive.read(name) for name in archive.namelist() if name.endswith(".png")]
    groups = [files[start : start + TOGETHER] for start in range(0, len(files), TOGETHER)]

    def decoded(group: list[bytes]) -> list[np.ndarray]:
        return [of(Image.open(BytesIO(file))) for file in group]

    def all_of_them() -> list[list[np.ndarray]]:
        with ThreadPoolExecutor(threads()) as pool:
            return list(pool.map(decoded, groups))

    return all_of_them


def pictures(path: Path) -> Callable[[], object]:
    from vaepipe.datasets.formats.pictures import ingest

    targets = [path.with_name(f"{part}.parquet") for part in ("train", "test")]
    form = {"height": SIDE, "width": SIDE, "fit": "crop", "channels": 3, "background": "#ffffff"}
    told = {"attributes": None, "label": None, "classes": ["face"], "damaged": "stop"}
    drawn = {"test_share": 0.2, "seed": 0, "most_pixels": 10**6}
    return lambda: ingest(targets, str(path), **told, **drawn, **form)


def copy(path: Path) -> Callable[[], object]:
    """Of pixels to fresh memory: none has been freed before."""
    from vaepipe.datasets.images import read_kind

    size = (IMAGES, math.prod(read_kind(path).shape))
    pixels = [np.full(size, value, np.float32) for value in (0.5, 1)]
    return lambda: [of.copy() for of in pixels]


def table(path: Path) -> Callable[[], object]:
    import pyarrow.parquet as pq

    return lambda: pq.read_table(path, page_checksum_verification=True)


def tensors(path: Path) -> Callable[[], object]:
    import torch

    from vaepipe.datasets.images import read_images
    from vaepipe.models.batch import Batch

    return lambda: Batch.of(read_images(path), torch.device("cpu"))


READERS = {
    of.__name__: of
    for of in (arrow, csv, pandas, decoding, resizing, pictures, copy, table, tensors)
}


def measure(name: str, path: Path) -> tuple[float, float]:
    """Seconds, and megabytes at the most, of one reader in a process of its own."""
    command = [sys.executable, __file__, name, path]
    found = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(found[0]), float(found[1])


def compare(what: str, path: Path, names: tuple[str, ...]) -> None:
    found = {name: [] for name in names}
    for _ in range(ROUNDS):
        for name in names:
            found[name].append(measure(name, path))
    for name, of in found.items():
        seconds, peak = (statistics.median(values) for values in zip(*of, strict=True))
        ratio = statistics.median(a[0] / b[0] for a, b in zip(of, found[names[0]], strict=True))
        print(f"| {what} | {name} | {seconds:.2f} | {ratio:.2f} | {peak:.0f} |", flush=True)


def main(sizes: list[int]) -> None:
    from vaepipe.datasets.formats.emnist import write_csv
    from vaepipe.datasets.images import Kind, writing
    from vaepipe.datasets.samples.handwriting import draw_characters
    from vaepipe.datasets.samples.portraits import write_avatars

    print("| what | reader | seconds | multiple | MB |\n| --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        labels = np.random.default_rng(0).permutation(np.repeat(np.arange(47), PER_CLASS))
        once = BytesIO()
        write_csv(once, labels, draw_characters(labels, 0))
        for rows in sizes:
            path = folder / "characters.csv"
            with path.open("wb") as file:
                whole, rest = divmod(rows, len(labels))
                file.write(b"".join(once.getvalue().splitlines(keepends=True)[:rest]))
                for _ in range(whole):
                    file.write(once.getvalue())
            compare(f"{rows:,} rows", path, ("arrow", "csv", "pandas"))
            path.unlink()
        avatars = folder / "avatars.zip"
        write_avatars(avatars, 0, AVATARS, 0)
        compare(f"{AVATARS:,} pictures", avatars, ("decoding", "resizing", "pictures"))
        grey = np.random.default_rng(0).integers(0, 256, (IMAGES, 784)) / np.float32(255)
        path = folder / "images.parquet"
        with writing(path, Kind((28, 28), ("A",), "x"), ["clean", "noisy"], np.float32) as file:
            for start in range(0, IMAGES, 1000):
                some = grey[start : start + 1000].astype(np.float32)
                file.write(np.zeros(len(some), int), some, some)
        compare(f"{IMAGES:,} images in Parquet", path, ("copy", "table", "tensors"))


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] in READERS:
        run = READERS[sys.argv[1]](Path(sys.argv[2]))
        began = time.perf_counter()
        run()
        seconds = time.perf_counter() - began
        print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    else:
        main([int(rows) for rows in sys.argv[1:]] or list(ROWS))
