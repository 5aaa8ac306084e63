"""Mutated copies of params.yaml: each is loaded and holds together, or is refused by name.

`python tests/unit/test_params_fuzz.py 3000` tries more of them.
"""

import json
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

import jsonschema
import pytest
from conftest import ROOT

from vaepipe.core.errors import InputError
from vaepipe.params import dump, load_params, schema

SHIPPED = (ROOT / "params.yaml").read_bytes()
TOKENS = [
    *(
        b"&a ",
        b"*a",
        b"<<: ",
        b"!!python/name:os.system ",
        b"!x ",
        b"{",
        b"}",
        b"[",
        b"]",
        b"- ",
        b": ",
    ),
    *(
        b"?",
        b"|",
        b">",
        b"'",
        b'"',
        b"#",
        b"%",
        b"@",
        b"`",
        b"\t",
        b"\0",
        b"\r",
        b"\xff",
        b"\xc2\x85",
    ),
    *(b"\xef\xbb\xbf", b"---\n", b"...\n", b"%YAML 1.1\n", b"2020-01-01", b"2020-13-45", b"1e999"),
    *(
        b".nan",
        b".inf",
        b"0x10",
        b"0o7",
        b"1_000",
        b"9" * 5000,
        b"-1",
        b"yes",
        b"null",
        b"~",
        b"true",
    ),
    *(b"'\\ud800'", b'"\\ud800"', b'"\\x00"', b"{" * 3000, b"[" * 3000, b"{a: " * 300, b"- " * 300),
    *(b"a: &a [x]\nb: &b [*a, *a]\n", b"${x}", b"? [a]\n: b\n", b"60:60", b"=", b"!!binary x "),
]


def mutated(rng: random.Random) -> bytes:
    content = SHIPPED
    for _ in range(rng.choice((1, 1, 2, 3))):
        lines = content.split(b"\n")
        line, other = rng.randrange(len(lines)), rng.randrange(len(lines))
        place = rng.randrange(len(content) + 1)
        match rng.randrange(9):
            case 0:
                content = content[:place] + bytes([rng.randrange(256)]) + content[place + 1 :]
            case 1:
                content = content[:place] + rng.choice(TOKENS) + content[place:]
            case 2:
                content = b"\n".join([*lines[:line], lines[line], *lines[line:]])
            case 3:
                content = b"\n".join([*lines[:line], *lines[line + 1 :]])
            case 4:
                lines[line], lines[other] = lines[other], lines[line]
                content = b"\n".join(lines)
            case 5:
                lines[line] = rng.choice((b" ", b"  ", b"\t")) + lines[line]
                content = b"\n".join(lines)
            case 6:
                lines[line] = lines[line][rng.choice((1, 2)) :]
                content = b"\n".join(lines)
            case 7:
                key = lines[line].split(b":")[0]
                content = b"\n".join(
                    [*lines[:line], key + b": " + rng.choice(TOKENS), *lines[line + 1 :]]
                )
            case 8:
                content = rng.choice(
                    (
                        content[:place],
                        content.decode(errors="replace").encode("utf-16"),
                        content * 2,
                    )
                )
    return content


def tried(seed: int, path: Path) -> str:
    """How a mutated file was taken; raises what is no InputError that names the file."""
    path.write_bytes(mutated(random.Random(seed)))
    try:
        params = load_params(path)
    except InputError as error:
        assert all(line.startswith(f"{path}: ") for line in str(error).splitlines()), error
        return "refused"
    jsonschema.validate(json.loads(json.dumps(dump(params))), json.loads(schema()))
    return "loaded"


@pytest.mark.parametrize("first", range(0, 100, 50))
def test_mutated_parameters_hold_together_or_are_refused(tmp_path, first):
    counts = Counter(tried(seed, tmp_path / "params.yaml") for seed in range(first, first + 50))
    assert set(counts) == {"loaded", "refused"}


if __name__ == "__main__":
    counts, first = Counter(), {}
    with tempfile.TemporaryDirectory() as name:
        for seed in range(int(sys.argv[1])):
            try:
                counts[tried(seed, Path(name, "params.yaml"))] += 1
            except Exception as error:
                counts["wrong"] += 1
                first.setdefault(repr(error)[:150], seed)
    print(dict(counts), first)
