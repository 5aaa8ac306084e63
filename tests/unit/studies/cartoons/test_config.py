import pytest
from unit.test_params import edited

from vaepipe.core.errors import InputError
from vaepipe.params import dump, load_params, read_variant

STUDY, RUN = "studies.cartoons", "variants.cartoons_50"


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        (f"{RUN}.training.last_learning_rate", None, r"last_learning_rate: must be a number with"),
        (f"{STUDY}.training.schedule", "constant", r"last_learning_rate: must be null .* constant"),
        (f"{RUN}.training.epochs", 1, r"cartoons_50\.training\.epochs: must be at least 2"),
        (f"{RUN}.objective", "mmd", r"cartoons_50\.objective"),
        (f"{RUN}.body", "mlp", r"cartoons_50\.body"),
        (f"{RUN}.likelihood", "bernoulli", r"deviation: must be null with the likelihood bern"),
        (f"{STUDY}.model.deviation", None, r"deviation: must be a number with .* gaussian"),
        (f"{STUDY}.training.snapshots", 0, r"snapshots: is needed, .* reconstructions"),
        (f"{STUDY}.training.batch_losses", False, r"batch_losses: is needed, .* by batches"),
        (f"{STUDY}.analysis.pairs", 2, r"pictures: of 2 pairs, \d cannot be shown"),
        (f"{STUDY}.analysis.deviations", [1.0, 0.8], r"deviations: must rise"),
        (f"{STUDY}.comparison.baseline", "run", r"baseline: 'run' is not in"),
    ],
)
def test_what_does_not_meet_is_named(tmp_path, key, value, message):
    with pytest.raises(InputError, match=message):
        load_params(edited(tmp_path, (key, value)))


def test_runs_of_two_likelihoods_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"cartoons_\d0 and cartoons_\d0 .* differ in their likel"):
        load_params(
            edited(
                tmp_path,
                ("studies.cartoons.model.deviation", None),
                ("variants.cartoons_50.likelihood", "bernoulli"),
                ("variants.cartoons_20.likelihood", "discretised_logistic"),
            )
        )


def test_the_shipped_runs_decay_as_the_reference_s():
    params = dump(load_params())
    for name, last, epochs in (
        ("cartoons_50", 3.0336164e-06, 50),
        ("cartoons_20", 7.1793643e-06, 20),
    ):
        training = read_variant(name, params)["training"]
        decay = training["last_learning_rate"] / training["learning_rate"]
        assert decay == pytest.approx(last / 1e-4)
        assert epochs / training["epochs"] == 5
