"""Pickles of plain data and arrays of bytes, read without calling anything that they name.

A pickle is a program. The few of its instructions that make strings, numbers, lists, tuples, dicts
and numpy's arrays of uint8 are carried out here, on stand-ins; all others are refused, as is each
name but those by which numpy rebuilds an array. Python's own unpickler with a `find_class` would
not do: it hashes tuples nested without end, and grants as much memory as a number in a pickle says.
Pickles of Python 2 are read with their strings as bytes.
"""

import io
import pickletools
from dataclasses import dataclass
from typing import Any

import numpy as np

from vaepipe.core.errors import InputError

LARGEST = 1 << 26
"""Bytes: twice what 10,000 images of 3,072 take."""
STEPS = 1_000_000
"""Instructions: those 10,000 with their labels and names take some 30,000."""

_VALUES = {
    *("NONE", "NEWTRUE", "NEWFALSE", "INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1"),
    *("UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"),
    *("BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8"),
}
_OLD_STRINGS = ("STRING", "BINSTRING", "SHORT_BINSTRING")
_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_TUPLES = {"EMPTY_TUPLE": 0, "TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_MARK = object()


class _RefusedError(Exception):
    """What a pickle may not do."""


@dataclass(frozen=True)
class _Name:
    """What a pickle names, which is looked for nowhere."""

    text: str


_ARRAY, _DTYPE = _Name("numpy ndarray"), _Name("numpy dtype")
_MODULES = ("numpy.core", "numpy._core")
_RECONSTRUCT = [_Name(f"{module}.multiarray _reconstruct") for module in _MODULES]
_FROM_BUFFER = [_Name(f"{module}.numeric _frombuffer") for module in _MODULES]
_NAMES = {name.text: name for name in (_ARRAY, _DTYPE, *_RECONSTRUCT, *_FROM_BUFFER)}


class _Uint8:
    """Stands for numpy's dtype."""


class _Array:
    """Stands for an array, the values of which come after it."""

    values: np.ndarray | None = None


def load(content: bytes, name: str) -> dict[Any, Any]:
    """The dict that a pickle holds; its values, where they are arrays, are uint8 and read-only.

    Raises InputError that begins with the name if it is larger than LARGEST, is damaged, holds
    anything but a dict of plain data and arrays of uint8, or takes more than STEPS instructions.
    """
    if len(content) > LARGEST:
        raise InputError(f"{name}: larger than {LARGEST >> 20} MB.")
    try:
        found = _run(content)
        if type(found) is not dict:
            raise _RefusedError("it holds no dict")
        return {key: v.values if isinstance(v, _Array) else v for key, v in found.items()}
    except _RefusedError as error:
        raise InputError(
            f"{name}: not admitted: {error!s:.120}. Only dicts, lists, strings, numbers and arrays "
            "of uint8 are read from a pickle, and nothing is run."
        ) from error
    except (ValueError, LookupError, OverflowError, TypeError) as error:
        raise InputError(f"{name}: a damaged pickle ({error!s:.120}).") from error


def _run(content: bytes) -> Any:
    """Carry out the instructions; what lies on the stack at the end."""
    stack: list[Any] = []
    memo: dict[int, Any] = {}
    stream = io.BytesIO(content)
    frame = begin = 0
    for step, (opcode, argument, place) in enumerate(pickletools.genops(stream)):
        if step == STEPS:
            raise _RefusedError(f"it takes more than {STEPS} instructions")
        if begin < frame < place:
            raise ValueError("an instruction goes on after its frame")
        begin = place
        match opcode.name:
            case "PROTO":
                pass
            case "FRAME":
                frame = stream.tell() + argument
            case name if name in _VALUES:
                stack.append(_CONSTANTS.get(name, argument))
            case name if name in _OLD_STRINGS:
                stack.append(argument.encode("latin-1"))
            case name if name in _TUPLES:
                stack.append(tuple(_pop(stack, _TUPLES[name])))
            case "MARK":
                stack.append(_MARK)
            case "EMPTY_LIST":
                stack.append([])
            case "EMPTY_DICT":
                stack.append({})
            case "LIST":
                stack.append(_since_mark(stack))
            case "TUPLE":
                stack.append(tuple(_since_mark(stack)))
            case "DICT":
                items = _since_mark(stack)
                stack.append({})
                _set_items(stack[-1], items)
            case "APPEND":
                _extend(stack, _pop(stack, 1))
            case "APPENDS":
                _extend(stack, _since_mark(stack))
            case "SETITEM":
                items = _pop(stack, 2)
                _set_items(stack[-1], items)
            case "SETITEMS":
                items = _since_mark(stack)
                _set_items(stack[-1], items)
            case "PUT" | "BINPUT" | "LONG_BINPUT":
                memo[argument] = stack[-1]
            case "MEMOIZE":
                memo[len(memo)] = stack[-1]
            case "GET" | "BINGET" | "LONG_BINGET":
                stack.append(memo[argument])
            case "GLOBAL":
                stack.append(_named(argument))
            case "STACK_GLOBAL":
                stack.append(_named(" ".join(_pop(stack, 2))))
            case "REDUCE":
                stack.append(_call(*_pop(stack, 2)))
            case "BUILD":
                (state,) = _pop(stack, 1)
                _set_state(stack[-1], state)
            case "STOP":
                (found,) = stack
                if stream.read(1) or stream.tell() < frame:
                    raise ValueError("it ends before its file or its frame")
                return found
            case name:
                raise _RefusedError(f"the instruction {name}")
    raise ValueError("it does not end")


def _pop(stack: list, count: int) -> list:
    """The last values, taken off the stack."""
    if count > len(stack):
        raise ValueError("values are missing")
    values = stack[len(stack) - count :]
    del stack[len(stack) - count :]
    if any(value is _MARK for value in values):
        raise ValueError("a mark in the place of a value")
    return values


def _since_mark(stack: list) -> list:
    """The values above the last mark, taken off the stack with it."""
    place = len(stack) - 1
    while stack[place] is not _MARK:
        place -= 1
        if place < 0:
            raise ValueError("a mark is missing")
    values = stack[place + 1 :]
    del stack[place:]
    return values


def _extend(stack: list, values: list) -> None:
    if type(stack[-1]) is not list:
        raise ValueError("a value is appended to what is no list")
    stack[-1].extend(values)


def _set_items(target: Any, items: list) -> None:
    if type(target) is not dict or len(items) % 2:
        raise ValueError("an item without a key or a dict")
    for key, value in zip(items[::2], items[1::2], strict=True):
        if type(key) not in (bytes, str, int):
            raise _RefusedError("a key that is neither text nor a number")
        target[key] = value


def _named(text: str) -> _Name:
    if text not in _NAMES:
        raise _RefusedError(f"the name '{text.replace(' ', '.')}'")
    return _NAMES[text]


def _call(function: Any, arguments: Any) -> Any:
    """A stand-in for what numpy's functions make of these arguments."""
    match function, arguments:
        case _Name(), (("u1" | b"u1"), (False | 0), (True | 1)) if function is _DTYPE:
            return _Uint8()
        case _Name(), (_Name() as kind, (0,), (b"b" | "b")) if function in _RECONSTRUCT:
            if kind is _ARRAY:
                return _Array()
        case _Name(), (buffer, _Uint8(), shape, "C") if function in _FROM_BUFFER:
            return _filled(_Array(), buffer, shape)
    raise _RefusedError("a call that makes no array of uint8")


def _set_state(target: Any, state: Any) -> None:
    match target, state:
        case _Uint8(), (3, ("|" | b"|"), None, None, None, -1, -1, 0):
            return
        case _Array(values=None), (1, shape, _Uint8(), False, buffer):
            _filled(target, buffer, shape)
            return
    raise _RefusedError("a state that is not that of an array of uint8")


def _filled(array: _Array, buffer: Any, shape: Any) -> _Array:
    """The array with its values; none are copied."""
    if type(buffer) not in (bytes, bytearray) or not (
        type(shape) is tuple and all(type(length) is int and length >= 0 for length in shape)
    ):
        raise _RefusedError("a shape or values that are not those of an array of uint8")
    array.values = np.frombuffer(buffer, np.uint8).reshape(shape)
    return array
