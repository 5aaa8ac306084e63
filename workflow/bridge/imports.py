"""Which code a script runs: its imports' closure, for Snakemake at load and for DVC in dvc.yaml.

`python workflow/bridge/imports.py` writes the lists of dvc.yaml. Neither engine follows imports, so
code is an input like any other. Packages that change as a whole are listed as folders; modules
that hold no number (see vaepipe.core.code) are left out; a module that params.yaml chooses by name
is listed by that name, such as src/vaepipe/models/bodies/${item.body}.py; by a script that is not
run for one variant, as the folder of all that may be chosen.
"""

import ast
import os
import re
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import grimp
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

if __name__ == "__main__":
    root = Path(__file__).resolve().parents[2]
    sys.path[:0] = [str(root / "src"), str(root / "workflow")]

from vaepipe.core.code import PACKAGE, STAGES, is_input
from vaepipe.core.errors import InputError
from vaepipe.core.files import replacing, tree
from vaepipe.core.inputs import existing

SCRIPTS = Path("workflow/scripts")
WHOLE = ("core", "machine", "learning", "measures", "figures")
"""Packages that are listed as folders."""
OF_A_VARIANT = tuple(f"{SCRIPTS}/{name}.py" for name in ("train", "evaluate", "analyse"))
"""Scripts of rules whose stages have a variant as `item`."""
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
    if script not in OF_A_VARIANT:
        names = {Path(name).parent.as_posix() for name in names}
    return [script, *sorted(_interpolated(path) for path in folders | files | names)]


def _interpolated(path: str) -> str:
    return re.sub(r"\{(\w+)\}", r"${item.\1}", path)


def _closure(script: str) -> tuple[set[str], set[str]]:
    """The library's modules that a script needs, and the patterns of those it chooses by name."""
    tree = ast.parse(existing(Path(script)).read_text(encoding="utf-8"))
    named = {
        name
        for item in ast.walk(tree)
        if isinstance(item, ast.ImportFrom) and item.level == 0
        for name in (item.module, *(f"{item.module}.{alias.name}" for alias in item.names))
    }
    named |= {a.name for item in ast.walk(tree) if isinstance(item, ast.Import) for a in item.names}
    beside = {path.stem for path in Path(script).parent.iterdir()} | {"vaepipe", "bridge"}
    if wrong := named & beside:
        raise InputError(
            f"{script}: imports {', '.join(sorted(wrong))}; import modules of vaepipe."
        )
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
            try:
                (name,) = call.args
                parts = [
                    part.value
                    if isinstance(part, ast.Constant)
                    else f"{{{ast.literal_eval(part.value.slice)}}}"
                    for part in name.values
                ]
            except (AttributeError, ValueError) as error:
                raise InputError(
                    f"{file}:{call.lineno}: what this imports is not to be read from it; write "
                    "import_module(f\"vaepipe.models.bodies.{config['body']}\")."
                ) from error
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


def check_chosen(variants: Mapping[str, Mapping[str, str]]) -> None:
    """Raises InputError if a variant chooses by name what is not there."""
    for variant, names in variants.items():
        for script in OF_A_VARIANT:
            for file in files(script, names):
                if not Path(file).is_file():
                    raise InputError(
                        f"params.yaml: variants.{variant} asks for {file}: no such file."
                    )


def written(stages: str) -> str:
    """The text of dvc.yaml with the code lists that its scripts need; all else stays."""
    script, listing, lines = None, False, []
    for line in stages.splitlines():
        if re.match(r"  \w+:", line):
            script, listing = None, False
        if match := re.search(rf"python ({SCRIPTS}/\S+\.py)", line):
            script = match[1]
        ours = re.match(rf" +- ({'|'.join(EVERYTHING)})[/\n]", f"{line}\n")
        if not ours:
            lines.append(line)
        elif not listing:
            if script is None:
                raise InputError(f"{STAGES}: a stage lists code before the command of its script.")
            listing = True
            indent = line[: line.index("-")]
            lines += [f"{indent}- {path}" for path in code(script)]
    return "\n".join(lines) + "\n"


def check() -> None:
    """Raises InputError if a stage of dvc.yaml lists other code than its script imports.

    Or if requirements.txt is missing: Snakemake takes outputs whose inputs are gone for sources.
    """
    for name, stage in _stages().items():
        stage = stage.get("do", stage)
        scripts = [word for word in stage["cmd"].split() if word.startswith(f"{SCRIPTS}/")]
        listed = [dep for dep in stage.get("deps", []) if _is_code(dep)]
        if len(scripts) != 1 or listed != code(scripts[0]):
            raise InputError(
                f"{STAGES}: the code that the stage {name} lists is not what its script imports. "
                "Run `python workflow/bridge/imports.py`, which writes the lists."
            )
    existing(Path("requirements.txt"))


def _stages() -> dict[str, dict]:
    try:
        stages = YAML(typ="safe").load(existing(STAGES))["stages"]
        if not isinstance(stages, dict):
            raise TypeError("there are no stages")
    except (YAMLError, KeyError, TypeError) as error:
        raise InputError(
            f"{STAGES}: {' '.join(str(error).split())}. Mend it, or take the last commit's with "
            f"`git checkout HEAD -- {STAGES}`."
        ) from error
    return stages


def _is_code(dep: object) -> bool:
    return any(f"{dep}/".startswith(f"{folder}/") for folder in EVERYTHING)


if __name__ == "__main__":
    os.chdir(root)
    try:
        text = written(existing(STAGES).read_text(encoding="utf-8"))
        with replacing(STAGES) as (file,):
            file.write_text(text, encoding="utf-8")
        check()
    except InputError as error:
        sys.exit(f"error: {error}")
