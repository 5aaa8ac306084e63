"""Damage to a file: by one seeded random step each, named by what it did."""

import json
import random
import re
from collections.abc import Callable

VALUES = (
    *("", " ", "0x10", "0o17", "1e3", "1e999", "-1", "+1", "256", "1.0", "1_0", "007", "nan"),
    *("NaN", "inf", ".nan", ".inf", "null", "~", "true", "yes", '"', '""', '"7"', "'7'", "O"),
    *("7,7", "7\t", " 7", "9" * 400, "10000000000000000000000", "\x00", "é", "٣", "[]", "{}"),
    *(
        "!!python/object:os.system",
        "*a",
        "&a 7",
        "${item}",
        "../../x",
        "a: b",
        "# 7",
        "x;touch PWN",
    ),
)
JSON_VALUES = (None, True, -1, 0, 1.5, 10**30, 1e308, float("nan"), float("inf"), "", "x", [], {})

Mutation = Callable[[random.Random, bytes], tuple[str, bytes]]


def flip(rng: random.Random, content: bytes) -> tuple[str, bytes]:
    place, bit = rng.randrange(len(content)), rng.randrange(8)
    changed = bytearray(content)
    changed[place] ^= 1 << bit
    return f"bit {bit} of byte {place} flipped", bytes(changed)


def replace_byte(rng: random.Random, content: bytes) -> tuple[str, bytes]:
    place, value = rng.randrange(len(content)), rng.choice(b'\0\n\r\t ",;:-.xeE09{}[]\xff')
    return f"byte {place} = {value:#x}", content[:place] + bytes([value]) + content[place + 1 :]


def truncate(rng: random.Random, content: bytes) -> tuple[str, bytes]:
    place = rng.randrange(len(content))
    return f"cut at byte {place}", content[:place]


def cut_out(rng: random.Random, content: bytes) -> tuple[str, bytes]:
    start = rng.randrange(len(content))
    length = rng.choice([1, 4, 8, 64, 1000])
    return f"{length} bytes cut at {start}", content[:start] + content[start + length :]


def repeat(rng: random.Random, content: bytes) -> tuple[str, bytes]:
    start, length = rng.randrange(len(content)), rng.choice([1, 8, 1000])
    end = start + length
    return f"{length} bytes twice at {start}", content[:end] + content[start:]


def zero(rng: random.Random, content: bytes) -> tuple[str, bytes]:
    start, length = rng.randrange(len(content)), rng.choice([1, 8, 64, 4096])
    end = min(start + length, len(content))
    return f"bytes {start}..{end} zero", content[:start] + bytes(end - start) + content[end:]


def ends(rng: random.Random, content: bytes) -> tuple[str, bytes]:
    """Nothing of the file, or something before or after it."""
    junk = rng.randbytes(rng.choice([1, 16, 4096]))
    whole = {
        "empty": b"",
        "blank": b"\n \n",
        "binary": junk,
        "UTF-8 mark before": b"\xef\xbb\xbf" + content,
        "junk before": junk + content,
        "junk after": content + junk,
        "twice": content + content,
        "zero bytes": bytes(len(content)),
        "all [": b"[" * 100_000,
        "all {": b'{"a":' * 100_000,
        "all alias": _aliases(),
    }
    name = rng.choice(list(whole))
    return name, whole[name]


def _aliases() -> bytes:
    """YAML that grows tenfold in each of 12 lines."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    return "\n".join(lines).encode()


def lines(rng: random.Random, content: bytes) -> tuple[str, bytes]:
    """One line deleted, doubled, swapped with another, indented, or ended in another way."""
    rows = content.splitlines(keepends=True)
    if not rows:
        return "no lines", content
    one, other = rng.randrange(len(rows)), rng.randrange(len(rows))
    action = rng.choice(["deleted", "doubled", "swapped", "indented", "joined", "blank", "\\r"])
    match action:
        case "deleted":
            del rows[one]
        case "doubled":
            rows.insert(other, rows[one])
        case "swapped":
            rows[one], rows[other] = rows[other], rows[one]
        case "indented":
            rows[one] = rng.choice([b" ", b"\t", b"    "]) + rows[one]
        case "joined":
            rows[one] = rows[one].rstrip(b"\r\n")
        case "blank":
            rows.insert(one, rng.choice([b"\n", b" \n", b"\r\n", b"\x00\n"]))
        case "\\r":
            rows[one] = rows[one].rstrip(b"\r\n") + rng.choice([b"\r", b"\r\n", b"\n\r"])
    return f"line {one} {action}", b"".join(rows)


def fields(rng: random.Random, content: bytes) -> tuple[str, bytes]:
    """One field of a CSV deleted, doubled, swapped or replaced; mostly at its head."""
    rows = content.split(b"\n")
    row = rng.choice([0, 1, rng.randrange(len(rows))]) % len(rows)
    parts = rows[row].split(b",")
    place = rng.choice([0, 1, rng.randrange(len(parts))]) % len(parts)
    action = rng.choice(["deleted", "doubled", "swapped", "replaced", "replaced", "replaced"])
    what = action
    match action:
        case "deleted":
            del parts[place]
        case "doubled":
            parts.insert(place, parts[place])
        case "swapped":
            other = rng.randrange(len(parts))
            parts[place], parts[other] = parts[other], parts[place]
        case "replaced":
            value = rng.choice(VALUES)
            what = f"= {value[:20]!r}"
            parts[place] = value.encode()
    rows[row] = b",".join(parts)
    return f"row {row} field {place} {what}", b"\n".join(rows)


def scalars(rng: random.Random, content: bytes) -> tuple[str, bytes]:
    """A value of a YAML file replaced, or a key renamed."""
    places = list(re.finditer(rb"(?m)[^\s:#-][^\s:#]*(?=:|\s|$)", content))
    if not places:
        return "no scalars", content
    place, value = rng.choice(places), rng.choice(VALUES)
    changed = content[: place.start()] + value.encode() + content[place.end() :]
    return f"{place[0].decode()!r} = {value[:20]!r}", changed


def encoding(rng: random.Random, content: bytes) -> tuple[str, bytes]:
    name = rng.choice(["utf-16", "utf-32", "utf-16-be", "utf-7"])
    return name, content.decode(errors="replace").encode(name)


def members(rng: random.Random, content: bytes) -> tuple[str, bytes]:
    """A member of a JSON document deleted, renamed, replaced or deeply nested."""
    document = json.loads(content)
    containers = list(_containers(document))
    container, path = rng.choice([c for c in containers if c[0]])
    keys = list(container) if isinstance(container, dict) else list(range(len(container)))
    key = rng.choice(keys)
    action = rng.choice(["deleted", "renamed", "replaced", "replaced", "nested"])
    match action:
        case "deleted":
            del container[key]
        case "renamed" if isinstance(container, dict):
            container[f"{key}x"] = container.pop(key)
        case "nested":
            container[key] = [[[[[[[[container[key]]]]]]]]]
        case _:
            container[key] = value = rng.choice(JSON_VALUES)
            action = f"= {value!r}"
    return f"{path}{key} {action}", json.dumps(document).encode()


def _containers(value: object, path: str = ""):
    if isinstance(value, dict | list):
        yield value, path
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in items:
            yield from _containers(item, f"{path}{key}.")


BYTES: tuple[Mutation, ...] = (flip, flip, replace_byte, truncate, cut_out, repeat, zero, ends)
TEXT: tuple[Mutation, ...] = (flip, replace_byte, truncate, cut_out, repeat, ends, lines, lines)
CSV: tuple[Mutation, ...] = (*TEXT, fields, fields, fields, fields)
YAML: tuple[Mutation, ...] = (*TEXT, scalars, scalars, scalars, scalars, encoding)
JSON: tuple[Mutation, ...] = (*TEXT, members, members, members, members)


def mutate(
    rng: random.Random, content: bytes, mutations: tuple[Mutation, ...]
) -> tuple[str, bytes]:
    """One step of damage; one time in five a second one."""
    what, changed = rng.choice(mutations)(rng, content)
    if changed and rng.random() < 0.2:
        try:
            also, changed = rng.choice(mutations)(rng, changed)
        except (ValueError, RecursionError):  # no JSON any more
            return what, changed
        what = f"{what}, {also}"
    return what, changed
