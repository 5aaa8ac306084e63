"""README and docs/: links that lead somewhere, both ways, and what other files say too."""

import os
import re
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from conftest import ROOT, pages
from ruamel.yaml import YAML

from vaepipe.measures.catalogue import CATALOGUE

README, *PAGES = pages()
OTHERS = [ROOT / name for name in ("CONTRIBUTING.md", "CHANGELOG.md", "data/raw/README.md")]


@cache
def prose(page: Path) -> str:
    """A page without its blocks of code."""
    return re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)


def links(page: Path) -> list[tuple[Path, str]]:
    """The files that a page links to or shows, and the anchors in them, without the web's."""
    text = re.sub(r"`[^`]*`", "code", prose(page))
    found = [target for target in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in target]
    split = [target.partition("#")[::2] for target in found]
    return [
        (Path(os.path.normpath(page.parent / file)) if file else page, anchor)
        for file, anchor in split
    ]


def anchors(page: Path) -> set[str]:
    """Those of its headings, as GitHub makes them."""
    names = Counter()
    found = set()
    for heading in re.findall(r"(?m)^#+ (.+)$", prose(page)):
        name = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        found.add(f"{name}-{names[name]}" if names[name] else name)
        names[name] += 1
    return found


def neighbours(page: Path) -> set[Path]:
    """The pages that the paragraph below the title names, README first."""
    title, paragraph, *_ = page.read_text().split("\n\n")
    assert re.fullmatch("# .+", title), page
    assert re.match(r"\[README\]\([./]+README\.md\) · beside this: \[", paragraph), page
    named = re.findall(r"\]\(([^)]+)\)", paragraph)
    return {Path(os.path.normpath(page.parent / name)) for name in named}


@pytest.mark.parametrize("page", [*pages(), *OTHERS], ids=lambda page: str(page.relative_to(ROOT)))
def test_no_link_is_dead(page):
    for file, anchor in links(page):
        assert file.exists(), (page, file)
        assert not anchor or anchor in anchors(file), (page, file, anchor)


def test_readme_leads_to_every_page_and_each_back():
    assert set(PAGES) <= {file for file, _ in links(README)}
    assert all(README in neighbours(page) for page in PAGES)


def test_neighbours_lead_to_one_another():
    beside = {page: neighbours(page) - {README} for page in PAGES}
    for page, others in beside.items():
        assert others <= set(PAGES) - {page}
        for other in others:
            assert page in beside[other], f"{other} does not lead back to {page}"


def test_readme_fits_a_screen_and_a_half():
    lines = README.read_text().splitlines()
    assert 60 <= len(lines) <= 100


def test_every_study_has_a_page_and_a_picture():
    studies = YAML(typ="safe").load(ROOT / "params.yaml")["studies"]
    assert {page.stem for page in PAGES if page.parent.name == "studies"} == studies.keys()
    for name in studies:
        picture = ROOT / f"docs/pictures/{name}.svg"
        for page in (README, ROOT / f"docs/studies/{name}.md"):
            assert (picture, "") in links(page), (page, picture)


def test_every_picture_is_shown_and_made_by_make_pictures():
    pictures = set((ROOT / "docs/pictures").iterdir())
    assert pictures == {
        file for page in pages() for file, _ in links(page) if file.suffix == ".svg"
    }
    recipe = (ROOT / "Makefile").read_text().partition("\npictures:\n")[2].partition("\n\n")[0]
    made = re.findall(r"cp results/\S+\.svg (\S+)", recipe)
    assert sorted(ROOT / name for name in made) == sorted(pictures)


def test_a_page_says_of_every_measure_what_it_is():
    rows = re.findall(
        r"(?m)^\| (.+?) \| (\w*) ?\| .+? \| (.+) \|$", (ROOT / "docs/measures.md").read_text()
    )
    stated = Counter((name, better, source.replace("\\|", "|")) for name, better, source in rows)
    for measure in CATALOGUE.values():
        known = (measure.heading, measure.better or "", measure.source)
        assert stated[known] == 1, known


def test_the_image_has_the_environment_of_requirements_txt():
    dockerfile = (ROOT / "Dockerfile").read_text()
    (major, minor) = re.search(r"(?m)^FROM python:(\d+)\.(\d+)-slim$", dockerfile).groups()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    least = project["requires-python"].removeprefix(">=")
    assert (int(major), int(minor)) >= tuple(map(int, least.split(".")))
    supported = re.search(r"(?m)^SUPPORTED = .*$", (ROOT / "Makefile").read_text())[0]
    low, high = re.findall(r"\((\d+, \d+)\)", supported)
    assert eval(low) <= (int(major), int(minor)) <= eval(high)

    (copied,) = re.findall(r"(?m)^COPY (\S+) (\S+)$", dockerfile)
    assert copied[0] == "requirements.txt"
    assert f"-r {copied[1]}\n" in dockerfile
    assert (ROOT / ".dockerignore").read_text().split() == ["*", f"!{copied[0]}"]
    users = re.findall(r"(?m)^USER (.+)$", dockerfile)
    assert users[-1:] == re.findall(r"useradd .*?(\w+)$", dockerfile, re.M)
    assert "torch==" in (ROOT / copied[0]).read_text()


def test_the_digest_of_a_portable_training_is_of_the_parameters_as_they_are():
    """Who changes these trains again, as the page says, and writes down the new digest."""
    params = YAML(typ="safe").load(ROOT / "params.yaml")
    images = 26 * params["samples"]["emnist"]["letters"]["train_per_class"]
    epochs = params["studies"]["letters"]["training"]["epochs"]
    page = (ROOT / "docs/reproducibility.md").read_text()
    assert f"({images:,} images, {epochs} epochs)" in page
