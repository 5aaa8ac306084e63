"""What a batch of CIFAR-10 holds is read; whatever else a pickle says is refused, and not done."""

import builtins
import copyreg
import io
import os
import pickle
import struct
import time

import numpy as np
import pytest

from vaepipe.core.errors import InputError
from vaepipe.datasets.formats import pickles

IMAGES = np.arange(3 * 3072).astype(np.uint8).reshape(3, 3072)

ARRAY = (
    b"cnumpy.core.multiarray\n_reconstruct\nq\x05cnumpy\nndarray\nq\x06K\x00\x85U\x01bq\x07\x87R"
)
DTYPE = (
    b"cnumpy\ndtype\nq\x08U\x02u1K\x00K\x01\x87Rq\t"
    b"(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
)


def long_string(content: bytes) -> bytes:
    return b"T" + struct.pack("<i", len(content)) + content


def state(shape: bytes, values: bytes, dtype: bytes = DTYPE, fortran: bytes = b"\x89") -> bytes:
    return b"(K\x01" + shape + dtype + fortran + values + b"tb"


SHAPE = b"K\x03M\x00\x0c\x86"
PYTHON_2 = (
    b"\x80\x02}q\x01(U\x0bbatch_labelq\x02U\x15training batch 1 of 5"
    b"U\x06labels](K\x06K\tK\x00eU\x04data"
    + ARRAY
    + state(SHAPE, long_string(IMAGES.tobytes()))
    + b"U\tfilenames](U\x03a_0U\x03b_1U\x03c_2eu."
)
"""A batch as cPickle of Python 2 wrote the published ones: protocol 2, strings of bytes."""


def test_a_batch_of_python_2_is_what_pickle_itself_reads():
    found = pickles.load(PYTHON_2, "x")
    expected = pickle.loads(PYTHON_2, encoding="bytes")  # noqa: S301
    assert found.keys() == expected.keys()
    assert found.pop(b"data").tolist() == expected.pop(b"data").tolist() == IMAGES.tolist()
    assert found == expected
    assert found[b"labels"] == [6, 9, 0]


@pytest.mark.parametrize("protocol", range(3, pickle.HIGHEST_PROTOCOL + 1))
def test_batches_of_python_3_are_read(protocol):
    batch = {b"data": IMAGES, b"labels": [6, 9, 300, -1], "x": ("a", None, True, 2**40, [{}])}
    found = pickles.load(pickle.dumps(batch, protocol), "x")
    assert (found.pop(b"data") == batch.pop(b"data")).all()
    assert found == batch


@pytest.mark.parametrize("protocol", [0, 1, 2])
def test_old_forms_of_strings_and_numbers_are_read(protocol):
    batch = {"a": [1, 70_000, -5, True], "b": {1: ()}}
    assert pickles.load(pickle.dumps(batch, protocol), "x") == batch


class Reduced:
    """Pickled as a call."""

    def __init__(self, *call):
        self.call = call

    def __reduce__(self):
        return self.call


def hostile(*call) -> bytes:
    return pickle.dumps({"data": Reduced(*call)}, 2)


def called(text: str, *arguments: bytes) -> bytes:
    module, name = text.split()
    packed = b"(" + b"".join(arguments) + b"t"
    return b"\x80\x02}U\x04datac" + f"{module}\n{name}\n".encode() + packed + b"Rs."


def array(built: bytes) -> bytes:
    return b"\x80\x02}U\x04data" + ARRAY + built + b"s."


VALUES = long_string(IMAGES.tobytes())
OBJECTS = DTYPE.replace(b"U\x02u1", b"U\x02O8")
HOSTILE = {
    "a shell": (hostile(os.system, ("touch ran",)), "the name 'posix.system'"),
    "eval": (hostile(builtins.eval, ("open('ran', 'w')",)), "the name '__builtin__.eval'"),
    "exec": (pickle.dumps({1: Reduced(exec, ("open('ran', 'w')",))}, 4), "'builtins.exec'"),
    "copyreg": (hostile(copyreg._reconstructor, (Reduced, object, None)), "'copy_reg._reconst"),
    "getattr": (hostile(getattr, ("x", "join")), "the name '"),
    "numpy's load": (called("numpy load", b"U\x03ran"), "the name 'numpy.load'"),
    "a name of two parts": (called("numpy.core.multiarray _reconstruct.__globals__"), "the name '"),
    "an old instance": (b"(ios\nsystem\n.", "the instruction INST"),
    "an object": (b"(cos\nsystem\no.", "the name 'os.system'"),
    "a new object": (b"\x80\x02cnumpy\nndarray\n)\x81.", "the instruction NEWOBJ"),
    "an extension": (b"\x80\x02\x82\x01.", "the instruction EXT1"),
    "a persistent name": (b"Pran\n.", "the instruction PERSID"),
    "a buffer elsewhere": (b"\x80\x05\x97.", "the instruction NEXT_BUFFER"),
    "a number of 4 GB": (b"\x80\x02\x8b\xff\xff\xff\x7f.", "damaged pickle"),
    "an array called": (called("numpy ndarray", b"K\x03"), "a call that makes no array"),
    "a dtype of objects": (array(state(SHAPE, VALUES, OBJECTS)), "a call that makes no array"),
    "dtypes in another": (
        array(state(SHAPE, VALUES, DTYPE.replace(b"|NNN", b"|N(tN"))),
        "a state that is not",
    ),
    "values of objects": (array(state(SHAPE, b"](K\x01e")), "a shape or values"),
    "a state for an array": (array(b"}U\x0c__setstate__cnumpy\ndtype\nsb"), "a state that is not"),
    "a state for a name": (b"\x80\x02cnumpy\nndarray\n}U\x01xK\x01sb.", "a state that is not"),
    "a state for a list": (b"\x80\x02]N}U\x01xK\x01s\x86b.", "a state that is not"),
    "two states": (
        array(state(SHAPE, VALUES) + state(SHAPE, VALUES)),
        "a state that is not",
    ),
    "another subclass": (
        array(b"").replace(b"cnumpy\nndarray", b"cnumpy\ndtype"),
        "a call that makes no array",
    ),
    "columns first": (array(state(SHAPE, VALUES, fortran=b"\x88")), "a state that is not"),
    "a huge shape": (array(state(b"J\xff\xff\xff\x7fJ\xff\xff\xff\x7f\x86", VALUES)), "damaged"),
    "a shape beyond": (array(state(b"\x8a\x14" + b"\x7f" * 20 + b"\x85", VALUES)), "damaged"),
    "a shape of 99 sides": (array(state(b"(" + b"K\x01" * 99 + b"t", VALUES)), "damaged"),
    "a negative shape": (array(state(b"J\xff\xff\xff\xff\x85", VALUES)), "a shape or values"),
    "a shape of a bool": (array(state(b"\x88\x85", VALUES)), "a shape or values"),
    "nested lists": (b"\x80\x02" + b"]" * 400_000 + b"a" * 399_999 + b".", "it holds no dict"),
    "a nested key": (b"\x80\x02})" + b"\x85" * 900_000 + b"Ns.", "a key that is neither"),
    "nested states": (b"\x80\x02" + ARRAY + b")" + b"\x85" * 900_000 + b"b.", "a state that"),
    "endless steps": (b"\x80\x02" + b"N" * 1_000_001 + b".", "more than 1000000 instructions"),
    "a list as a key": (b"\x80\x02}]Ns.", "a key that is neither"),
    "a key of marks": (b"\x80\x02}(u(N.", "damaged"),
    "a large place": (b"\x80\x02}r\xff\xff\xff\x7fj\x01\x00\x00\x00.", "damaged pickle"),
    "values of 4 GB": (b"\x80\x03}B\xff\xff\xff\xff1.", "damaged pickle"),
    "bytes of 8 EB": (b"\x80\x05\x96" + b"\xff" * 7 + b"\x7f1.", "damaged pickle"),
    "a frame of 8 EB": (b"\x80\x04\x95" + b"\xff" * 7 + b"\x7f}.", "damaged pickle"),
    "a short frame": (
        b"\x80\x04\x95" + bytes([3]) + bytes(7) + b"}\x8c\x01aNs.",
        "after its frame",
    ),
    "a long number": (b"L" + b"1" * 100_000 + b"L\n.", "damaged pickle"),
    "no end": (PYTHON_2[:-1], "damaged pickle"),
    "more behind": (PYTHON_2 + b".", "it ends before its file"),
    "nothing": (b"", "damaged pickle"),
    "too much on the stack": (b"N}.", "damaged pickle"),
    "no values": (b".", "damaged pickle"),
    "an item of a mark": (b"}N(s.", "damaged pickle"),
    "no mark": (b"}NNu.", "damaged pickle"),
    "appended to nothing": (b"a.", "damaged pickle"),
    "appended to a dict": (b"}Na.", "damaged pickle"),
    "text": (b"# CIFAR-10\n", "damaged pickle"),
    "too large": (bytes(pickles.LARGEST + 1), "larger than 64 MB"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_what_else_a_pickle_says_is_refused_and_not_done(case, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    content, message = HOSTILE[case]
    began = time.process_time()
    with pytest.raises(InputError, match=rf"^a: b: .*{message}") as caught:
        pickles.load(content, "a: b")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300
    assert time.process_time() - began < 20
    assert not list(tmp_path.iterdir())


def test_the_hostile_would_do_harm_elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pickle.load(io.BytesIO(HOSTILE["a shell"][0]))  # noqa: S301
    assert (tmp_path / "ran").exists()
