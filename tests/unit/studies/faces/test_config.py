import pytest
from unit.test_params import edited

from vaepipe.core.errors import InputError
from vaepipe.params import dump, load_params, read_report

AUTO, VAE, STUDY = "variants.face_ae", "variants.face_vae", "studies.faces"


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        (f"{AUTO}.objective", "elbo", r"face_ae\.objective: of the kind autoencoder .*squared"),
        (f"{VAE}.objective", "squared_error", r"face_vae\.objective: of the kind vae .*elbo or"),
        (f"{VAE}.model.latent_activation", "norm_relu", r"must be null with the kind vae"),
        (f"{AUTO}.training.beta", 1.0, r"beta: must be null with the objective squared_error"),
        (f"{VAE}.training.warmup_epochs", 99, r"warmup_epochs: 99 are more than its \d+ epochs"),
        (f"{AUTO}.body", "mlp", r"face_ae\.body"),
        (f"{STUDY}.analysis.alphas", [1.0, 0.2, 0.5], r"alphas: must fall from 1"),
        (f"{STUDY}.analysis.alphas", [0.8, 0.5], r"alphas: must fall from 1"),
        (f"{STUDY}.comparison.baseline", "vae_2", r"baseline: 'vae_2' is not in"),
        (f"{STUDY}.anomaly.vae", "face_ae", r"anomaly\.vae: 'face_ae' is no variant .* kind vae"),
        (f"{STUDY}.contrast.autoencoder", "face_vae", r"contrast\.autoencoder: 'face_vae' is no"),
        (f"{STUDY}.anomaly.dataset", "faces", r"dataset: 'faces' must be .* none of the study's"),
        (f"{STUDY}.anomaly.dataset", "cars", r"dataset: 'cars' must be a data set"),
    ],
)
def test_what_does_not_belong_together_is_named(tmp_path, key, value, message):
    with pytest.raises(InputError, match=message):
        load_params(edited(tmp_path, (key, value)))


def test_the_report_states_the_data_of_anomalies_too():
    known = dump(load_params())
    stated = read_report("faces", known)["params"]
    assert stated["datasets"] == {name: known["datasets"][name] for name in ("faces", "objects")}
    assert stated["samples"] == {
        "images": {"faces": known["samples"]["images"]["faces"]},
        "cifar": {"objects": known["samples"]["cifar"]["objects"]},
    }
    assert stated["sources"]["cifar"].keys() == {"objects"}
    assert stated["judges"].keys() == {"faces"}
