import errno
import io

import numpy as np
import pytest
from safetensors.numpy import save_file

from vaepipe.core.errors import InputError
from vaepipe.core.files import (
    digest,
    read_arrays,
    read_json,
    replacing,
    tree,
    write_arrays,
    write_json,
)


def test_a_failure_leaves_all_targets_as_they_were(tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_text("former")
    with pytest.raises(RuntimeError), replacing(old, new) as files:
        for file in files:
            file.write_text("half")
        raise RuntimeError
    assert [path.name for path in tmp_path.iterdir()] == ["old"]
    assert old.read_text() == "former"


def test_an_output_that_was_not_written_is_named(tmp_path):
    with pytest.raises(OSError) as caught, replacing(tmp_path / "a"):
        pass
    assert "a" in str(caught.value.filename)


def test_json_is_read_as_it_was_written_and_damage_is_named(tmp_path):
    path = tmp_path / "x.json"
    write_json(path, {"a": [1, None]})
    assert read_json(path) == {"a": [1, None]}
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(path, float("nan"))
    path.write_text("{")
    with pytest.raises(InputError, match=r"x\.json: not valid JSON"):
        read_json(path)
    with pytest.raises(InputError, match=r"y\.json: no such file"):
        read_json(tmp_path / "y.json")


def test_arrays_are_read_as_they_were_written_and_damage_is_named(tmp_path):
    path = tmp_path / "x.safetensors"
    save_file({"a": np.arange(3)}, path)
    assert read_arrays(path)["a"].tolist() == [0, 1, 2]
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(InputError, match=r"x\.safetensors: not a readable safetensors file"):
        read_arrays(path)


@pytest.mark.parametrize("read", [read_json, read_arrays])
def test_a_file_that_cannot_be_opened_is_not_called_damaged(monkeypatch, tmp_path, read):
    path = tmp_path / "x"
    path.touch()

    def fail(*_, **__):
        raise OSError(errno.EMFILE, "Too many open files", str(path))

    monkeypatch.setattr(io, "open", fail)
    with pytest.raises(OSError, match="Too many open files"):
        read(path)


def test_a_digest_comes_from_names_contents_and_texts(tmp_path):
    a, b = tmp_path / "a", tmp_path / "b"
    a.write_text("1")
    b.write_text("2")
    first = digest([a, b], "x")
    assert digest([b, a], "x") == first
    assert digest([a, b], "y") != first
    assert digest([a], "x") != first
    a.write_text("2")
    b.write_text("1")
    assert digest([a, b], "x") != first


def test_a_tree_leaves_out_what_is_compiled_or_temporary(tmp_path):
    for name in ("b.py", "sub/a.py", "sub/__pycache__/a.pyc", ".b.py.1.tmp"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert tree(tmp_path) == [tmp_path / "b.py", tmp_path / "sub/a.py"]


def test_arrays_are_written_whatever_their_strides(tmp_path):
    whole = np.arange(24.0).reshape(2, 3, 4)
    views = {"turned": whole.transpose(2, 0, 1)[0], "stepped": whole[:, ::2], "back": whole[::-1]}
    write_arrays(tmp_path / "a", views)
    found = read_arrays(tmp_path / "a")
    assert all((found[name] == view).all() for name, view in views.items())


def test_arrays_that_cannot_be_written_are_an_error_of_the_system(tmp_path):
    with pytest.raises(OSError, match="absent") as caught:
        write_arrays(tmp_path / "absent/arrays.safetensors", {"a": np.zeros(2)})
    assert caught.value.errno


@pytest.mark.parametrize("value", [np.nan, -np.inf, 3e30, -1e13])
def test_numbers_whose_squares_may_not_be_finite_are_damage(tmp_path, value):
    path = tmp_path / "x.safetensors"
    write_arrays(path, {"a": np.array([1.0, value], np.float32)})
    with pytest.raises(InputError, match=r"x\.safetensors: 'a' is not an array of finite numbers"):
        read_arrays(path, {"a": ["seeds"]})
    write_arrays(path, {"a": np.array([1.0, -1e6], np.float32)})
    assert read_arrays(path, {"a": ["seeds"]})["a"].tolist() == [1.0, -1e6]
