"""What the settings of the study may be, from the blocks of params.yaml that are its own."""

import pytest
from conftest import ROOT
from pydantic import ValidationError
from ruamel.yaml import YAML

from vaepipe.studies.digits.config import Report, Study, Variant, check

SHIPPED = YAML(typ="safe").load(ROOT / "params.yaml")
NAMES = ("cvae_2", "cvae_2_closed", "cvae_2_mmd")
REPORT = Report(title="x")


def edited(block: dict, edits: dict[str, object]) -> dict:
    """A copy of a block with values at dotted paths replaced."""
    copy = {key: dict(value) if isinstance(value, dict) else value for key, value in block.items()}
    for path, value in edits.items():
        *parents, last = path.split(".")
        place = copy
        for key in parents:
            place = place[key]
        place[last] = value
    return copy


def study(**edits) -> Study:
    block = SHIPPED["studies"]["digits"] | {"variants": list(NAMES)}
    return Study.model_validate(edited(block, {k.replace("__", "."): v for k, v in edits.items()}))


def variants(**edits) -> dict[str, Variant]:
    """The shipped ones, with edits of the first."""
    blocks = {name: SHIPPED["variants"][name] for name in NAMES}
    changes = {k.replace("__", "."): v for k, v in edits.items()}
    blocks["cvae_2"] = edited(blocks["cvae_2"], changes)
    return {name: Variant.model_validate(block) for name, block in blocks.items()}


def refusal(study: Study, variants: dict[str, Variant]) -> str:
    with pytest.raises(ValueError, match=r"^(studies.digits|variants)") as caught:
        check(study, variants, REPORT, {"digits": "0123456789"})
    return str(caught.value)


def test_the_shipped_blocks_meet():
    check(study(), variants(), REPORT, {"digits": "0123456789"})


def test_variants_of_other_bodies_meet_too():
    mlp = {"model__filters": None, "model__hidden": [9], "model__activation": "tanh"}
    check(study(), variants(body="mlp", **mlp), REPORT, {"digits": "0123456789"})
    check(study(), variants(body="pool"), REPORT, {"digits": "0123456789"})


@pytest.mark.parametrize(
    ("edits", "message"),
    [
        ({"training__draws": None}, r"training.draws: must be a number with the objective monte"),
        ({"training__mmd_weight": 1.0}, "training.mmd_weight: must be null with the objective"),
        ({"model__filters": None}, "model.filters: must not be null with the body conv"),
        ({"model__hidden": [9]}, "model.hidden: must be null with the body conv"),
        ({"model__activation": "relu"}, "model.activation: must be null with the body conv"),
        ({"body": "mlp", "model__filters": None}, "model.activation: must not be null with the bo"),
        (
            {"body": "mlp", "model__hidden": [9], "model__activation": "tanh"},
            "model.filters: must be null with the body mlp",
        ),
        ({"training__warmup_epochs": 15}, "training.warmup_epochs: 15 are more than the 8 "),
    ],
)
def test_a_variant_that_does_not_meet_itself_or_its_study_names_the_key(edits, message):
    assert refusal(study(), variants(**edits)).startswith(f"variants.cvae_2.{message}")


def test_a_warm_up_may_last_the_whole_training():
    check(study(), variants(training__warmup_epochs=study().training.epochs), REPORT, {})


def test_a_deviation_is_a_number_with_the_gaussian_likelihood_alone():
    assert refusal(study(model__deviation=0.1), variants()) == (
        "studies.digits.model.deviation: must be null with the likelihood bernoulli of "
        "variants.cvae_2"
    )
    gaussian = {n: v.model_copy(update={"likelihood": "gaussian"}) for n, v in variants().items()}
    assert "deviation: must be a number with the likelihood gaussian" in refusal(study(), gaussian)
    check(study(model__deviation=0.1), gaussian, REPORT, {})


@pytest.mark.parametrize(
    ("part", "value"), [("dataset", "others"), ("likelihood", "learned_gaussian")]
)
def test_variants_that_cannot_be_compared_are_named_with_what_differs(part, value):
    message = refusal(study(), variants(**{part: value}))
    assert message.startswith("variants: cvae_2 and cvae_2_mmd of the study digits differ in their")
    assert f"{part} ({value}, " in message


def test_a_snapshot_is_needed_and_the_baseline_is_a_variant():
    assert refusal(study(training__snapshots=0), variants()).startswith(
        "studies.digits.training.snapshots: must be at least 1"
    )
    assert refusal(study(comparison__baseline="cvae_9"), variants()) == (
        "studies.digits.comparison.baseline: 'cvae_9' is not in studies.digits.variants"
    )


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("analysis__draws", [1, 4, 2], "must rise, each number once"),
        ("analysis__draws", [1, 1], "must rise, each number once"),
        ("analysis__draws", [4], "at least 2 items"),
        ("analysis__repeats", 1, "greater than or equal to 2"),
        ("analysis__walk_steps", 1, "greater than or equal to 2"),
        ("analysis__grid_side", 51, "less than or equal to 50"),
        ("comparison__measures", ["elbo", "elbo"], "an entry stands twice"),
        ("comparison__measures", ["sharp"], "Input should be 'elbo'"),
    ],
)
def test_settings_out_of_their_range_are_refused(key, value, message):
    with pytest.raises(ValidationError, match=message) as caught:
        study(**{key: value})
    assert ".".join(map(str, caught.value.errors()[0]["loc"])).startswith(key.replace("__", "."))


def test_a_latent_space_is_a_plane_at_the_least():
    with pytest.raises(ValidationError, match=r"latent\n.*greater than or equal to 2"):
        variants(model__latent=1)
