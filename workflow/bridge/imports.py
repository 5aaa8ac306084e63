"""Which code a script runs: its imports' closure, for Snakemake at load and for DVC in dvc.yaml.

`python workflow/bridge/imports.py` writes the lists of dvc.yaml. Neither engine follows imports, so
code is an input like any other. Packages that change as a whole are listed as folders; modules
that hold no number (see vaepipe.core.code) are left out; a module that params.yaml chooses by name
is listed by that name, such as src/vaepipe/models/bodies/${item.body}.py.
"""

import ast
import re
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import grimp

if __name__ == "__main__":
    root = Path(__file__).resolve().parents[2]
    sys.path[:0] = [str(root / "src"), str(root / "workflow")]

from vaepipe.core.code import PACKAGE, STAGES, is_input
from vaepipe.core.errors import InputError
from vaepipe.core.files import tree

SCRIPTS = Path("workflow/scripts")
WHOLE = ("core", "machine", "learning", "measures", "figures")
"""Packages that are listed as folders."""
EVERYTHING = (PACKAGE.as_posix(), SCRIPTS.as_posix(), "workflow/report")
"""What the reports state a digest of, and where all that lies which is listed here."""
REPORTS = (f"{SCRIPTS}/report.py", f"{SCRIPTS}/full_report.py")


@cache
def code(script: str) -> list[str]:
    """Files and folders that a script, such as workflow/scripts/train.py, depends on."""
    if script in REPORTS:
        return list(EVERYTHING)
    imported, chosen = _closure(script)
    options = {module for pattern in chosen for module in _options(pattern)}
    for module in options:
        more, further = _closure_of([module])
        imported |= more - {module}
        if further - chosen:
            raise InputError(f"{module}: what is chosen by name may not choose something else.")
    if imported & options:
        raise InputError(f"{script}: imports {', '.join(imported & options)}, chosen by name.")
    folders = {f"{PACKAGE}/{name}" for name in WHOLE if any(_is_in(m, name) for m in imported)}
    files = {
        f"{PACKAGE}/{_path(module)}"
        for module in imported
        if is_input(_path(module)) and not any(_is_in(module, name) for name in WHOLE)
    }
    names = {f"{PACKAGE}/{pattern.replace('.', '/')}.py" for pattern in chosen}
    return [script, *sorted(_interpolated(path) for path in folders | files | names)]


def _interpolated(path: str) -> str:
    return re.sub(r"\{(\w+)\}", r"${item.\1}", path)


def _closure(script: str) -> tuple[set[str], set[str]]:
    """The library's modules that a script needs, and the patterns of those it chooses by name."""
    tree = ast.parse(Path(script).read_text(encoding="utf-8"))
    named = {
        name
        for item in ast.walk(tree)
        if isinstance(item, ast.ImportFrom) and item.level == 0
        for name in (item.module, *(f"{item.module}.{alias.name}" for alias in item.names))
    }
    named |= {a.name for item in ast.walk(tree) if isinstance(item, ast.Import) for a in item.names}
    imported, chosen = _closure_of(name.removeprefix("vaepipe.") for name in named & _modules())
    return imported, chosen | _chosen(script)


def _closure_of(modules: Iterable[str]) -> tuple[set[str], set[str]]:
    """The modules and what they import, but for what is no input, and what they choose by name."""
    found, left = set(), list(modules)
    while left:
        module = left.pop()
        if module in found or not is_input(_path(module)):
            continue
        found.add(module)
        imports = _graph().find_modules_directly_imported_by(f"vaepipe.{module}")
        left += [name.removeprefix("vaepipe.") for name in imports if name != "vaepipe"]
    chosen = {
        pattern for module in found for pattern in _chosen((PACKAGE / _path(module)).as_posix())
    }
    return found, chosen


@cache
def _chosen(file: str) -> set[str]:
    """Patterns such as models.bodies.{body}, of import_module(f"…models.bodies.{…['body']}")."""
    text = Path(file).read_text(encoding="utf-8")
    found = set()
    for call in ast.walk(ast.parse(text)) if "import_module" in text else ():
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("import_module"):
            (name,) = call.args
            parts = [
                part.value
                if isinstance(part, ast.Constant)
                else f"{{{ast.literal_eval(part.value.slice)}}}"
                for part in name.values
            ]
            found.add("".join(parts).removeprefix("vaepipe."))
    return found


def _options(pattern: str) -> list[str]:
    """The modules that a pattern may stand for."""
    files = Path(PACKAGE).glob(re.sub(r"\{\w+\}", "*", pattern.replace(".", "/")) + ".py")
    names = [file.relative_to(PACKAGE).with_suffix("").as_posix() for file in files]
    return [name.replace("/", ".") for name in names if not name.endswith("__init__")]


def _is_in(module: str, package: str) -> bool:
    return module.split(".")[0] == package


def _path(module: str) -> str:
    path = Path(*module.split("."))
    if (PACKAGE / path).is_dir():
        return (path / "__init__.py").as_posix()
    return path.with_suffix(".py").as_posix()


@cache
def _graph() -> grimp.ImportGraph:
    return grimp.build_graph("vaepipe", cache_dir=None, exclude_type_checking_imports=True)


@cache
def _modules() -> frozenset[str]:
    return frozenset(_graph().modules)


def files(script: str, names: Mapping[str, str]) -> list[str]:
    """The files that a script depends on, where params.yaml chooses these names."""
    paths = [re.sub(r"\$\{item\.(\w+)\}", lambda m: names[m[1]], path) for path in code(script)]
    return sorted(str(file) for path in map(Path, paths) for file in _files(path))


def _files(path: Path) -> list[Path]:
    return tree(path) if path.is_dir() else [path]


def written(stages: str) -> str:
    """The text of dvc.yaml with the code lists that its scripts need; all else stays."""
    script, listing, lines = None, False, []
    for line in stages.splitlines():
        if match := re.search(rf"python ({SCRIPTS}/\S+\.py)", line):
            script, listing = match[1], False
        ours = re.match(rf" +- ({'|'.join(EVERYTHING)})[/\n]", f"{line}\n")
        if not ours:
            lines.append(line)
        elif not listing:
            listing = True
            indent = line[: line.index("-")]
            lines += [f"{indent}- {path}" for path in code(script)]
    return "\n".join(lines) + "\n"


def check() -> None:
    """Raises InputError if dvc.yaml lists other code than its scripts import."""
    stages = STAGES.read_text(encoding="utf-8")
    if written(stages) != stages:
        raise InputError(
            f"{STAGES}: its lists of code are not what the scripts import. Run "
            "`python workflow/bridge/imports.py`, which writes them."
        )


if __name__ == "__main__":
    STAGES.write_text(written(STAGES.read_text(encoding="utf-8")), encoding="utf-8")
