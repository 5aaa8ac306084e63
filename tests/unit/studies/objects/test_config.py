"""The rest is tested with the study digits, which has the same settings."""

import pytest
from conftest import ROOT
from ruamel.yaml import YAML

from vaepipe.studies.objects.config import Report, Study, Variant, check

SHIPPED = YAML(typ="safe").load(ROOT / "params.yaml")
BLOCK = SHIPPED["studies"]["objects"]
VARIANTS = {name: Variant.model_validate(SHIPPED["variants"][name]) for name in BLOCK["variants"]}
REPORT = Report(title="x")


def test_the_shipped_blocks_meet():
    check(Study.model_validate(BLOCK), VARIANTS, REPORT, {})


def test_what_does_not_meet_is_named_as_of_this_study():
    other = BLOCK | {"comparison": BLOCK["comparison"] | {"baseline": "cvae_9"}}
    with pytest.raises(ValueError, match=r"^studies\.objects\.comparison\.baseline: 'cvae_9'"):
        check(Study.model_validate(other), VARIANTS, REPORT, {})
