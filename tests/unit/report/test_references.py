"""What chapters name stands among the references, and what stands there is named."""

import re

import pytest
from conftest import ROOT
from ruamel.yaml import YAML

REPORT = ROOT / "workflow/report"
REFERENCES = YAML(typ="safe").load(REPORT / "references.yaml")
CHAPTERS = {
    path.stem: path.read_text()
    for path in REPORT.glob("*.typ")
    if path.stem not in ("costs", "template")
}
CITED = re.compile(
    r"([A-Z][\w-]+)(?:'s[\w ]+)?(?: et\s+al\.|(?:,\s+\w+)?\s+&\s+[\w-]+)?,?\s+\(?(\d{4})\b"
)
"""A first author, others, and a year."""


def author_and_year(reference: str) -> tuple[str, str]:
    return re.match(r"([^,]+),.*?\((\d{4})\)", reference).groups()


@pytest.mark.parametrize("reference", REFERENCES, ids=lambda text: text[:20])
def test_a_reference_is_named_by_a_chapter(reference):
    author, year = author_and_year(reference)
    pattern = f"{author}[^0-9]{{0,80}}{year}"  # as report.typ has it
    assert any(re.search(pattern, text) for text in CHAPTERS.values())


def test_references_stand_in_the_order_of_their_authors():
    authors = [author_and_year(of)[0].lower().replace("ø", "o") for of in REFERENCES]
    assert authors == sorted(authors)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_what_a_chapter_names_is_referred_to(chapter):
    known = {(author.split()[-1], year) for author, year in map(author_and_year, REFERENCES)}
    found = {of for of in CITED.findall(CHAPTERS[chapter]) if 1900 < int(of[1]) < 2030}
    assert found <= known
    assert found or chapter in ("report", "digits")
