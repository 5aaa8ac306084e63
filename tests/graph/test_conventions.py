"""What Snakemake's users expect of a workflow beside that it runs."""

import re

from conftest import ROOT, blocks
from ruamel.yaml import YAML


def test_lint_finds_nothing_but_the_missing_conda_environments(shipped):
    found = re.findall(
        r"^    \* (.+):$", shipped.run("snakemake", "--lint", check=False).stderr, re.M
    )
    rules = "\n".join(path.read_text() for path in (ROOT / "workflow/rules").glob("*.smk"))
    count = len(re.findall(r"^rule ", rules, re.MULTILINE))
    assert found == count * ["Specify a conda environment or container for each rule."]


def test_every_rule_has_log_message_and_benchmark():
    text = "\n".join(path.read_text() for path in (ROOT / "workflow/rules").glob("*.smk"))
    rules = re.split(r"^rule ", text, flags=re.MULTILINE)[1:]
    assert rules
    for rule in rules:
        for part in ("input", "output", "log", "benchmark", "message", "shell"):
            assert f"\n    {part}:\n" in rule, (rule.split(":")[0], part)


def test_a_page_draws_the_graph_of_rules(shipped):
    drawn = shipped.run("snakemake", "--rulegraph", "mermaid-js").stdout
    names = dict(re.findall(r"(id\d+)\[(\w+)\]", drawn))
    edges = {(names[a], names[b]) for a, b in re.findall(r"(id\d+) --> (id\d+)", drawn)}
    edges = {edge for edge in edges if "all" not in edge}
    (block,) = (block for block in blocks("mermaid") if block.startswith("flowchart TB"))
    assert edges
    assert set(re.findall(r"(\w+) --> (\w+)", block)) == edges


def test_the_html_report_describes_every_result_and_tells_it_apart(project):
    project.run("snakemake", "--report", "results/report.html")
    page = (project.folder / "results/report.html").read_text()
    labels = re.findall(r'"labels": (\{"[^}]+\})', page)
    assert len(labels) == len(set(labels)) == 2 * 8 + 5 + 1 + 2
    assert page.count('"caption": "<p>') == len(labels)
    assert "compared study by study" in page
    for category in ("Reports", "Letters", "Data", "Variants", "Comparison"):
        assert f'"{category}"' in page


def test_the_front_page_of_the_html_report_names_every_study():
    page = (ROOT / "workflow/report/captions/workflow.rst").read_text()
    for study in YAML(typ="safe").load(ROOT / "params.yaml")["studies"]:
        assert f"**{study.capitalize()}**" in page


def test_the_workflow_catalog_can_read_its_file():
    content = YAML(typ="safe").load(ROOT / ".snakemake-workflow-catalog.yml")
    assert content["usage"]["report"] is True
    assert content["usage"]["mandatory-flags"] == {"desc": None, "flags": None}
