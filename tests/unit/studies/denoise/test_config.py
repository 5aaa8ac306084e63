import pytest
from unit.test_params import edited

from vaepipe.core.errors import InputError
from vaepipe.params import load_params, read_with_data

VAE = "variants.gvae_2"
AUTO = "variants.ae_2"
NAMES = "variants.cnn_16"
STUDY = "studies.denoise"


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        (f"{AUTO}.objective", "elbo", r"ae_2\.objective: of the kind autoencoder .*squared_error"),
        (f"{VAE}.objective", "cross_entropy", r"gvae_2\.objective: of the kind vae .* elbo or"),
        (f"{NAMES}.likelihood", "bernoulli", r"cnn_16\.likelihood: categorical is that of"),
        (f"{AUTO}.likelihood", "categorical", r"ae_2\.likelihood: categorical is that of"),
        (f"{AUTO}.model.latent", None, r"ae_2\.model\.latent: must not be null .* autoencoder"),
        (f"{NAMES}.model.latent", 3, r"cnn_16\.model\.latent: must be null .* classifier"),
        (f"{NAMES}.model.dense", None, r"cnn_16\.model\.dense: must not be null"),
        (f"{VAE}.model.dense", 3, r"gvae_2\.model\.dense: must be null with the kind vae"),
        (f"{NAMES}.model.dropout", 1.0, r"cnn_16\.model\.dropout: .*less than 1"),
        (f"{AUTO}.model.dropout", 0.1, r"ae_2\.model\.dropout: must be null .* autoencoder"),
        (f"{VAE}.model.latent_activation", "relu", r"latent_activation: must be null .* vae"),
        (f"{VAE}.model.deviation", None, r"deviation: must be a number with .* gaussian"),
        (f"{NAMES}.model.deviation", 0.1, r"deviation: must be null with .* categorical"),
        (f"{NAMES}.training.patience", None, r"cnn_16\.training: validation and patience must"),
        (f"{NAMES}.training.validation", 1.0, r"cnn_16\.training\.validation: .*less than 1"),
        (f"{NAMES}.training.beta", 1.0, r"training\.beta: must be null .* cross_entropy"),
        (f"{AUTO}.training.noise", "new", r"ae_2\.training\.noise: .*'none'"),
        (f"{VAE}.training.warmup_epochs", 99, r"warmup_epochs: 99 are more than the \d+"),
        (f"{STUDY}.training.snapshots", 3, r"snapshots: must be 0"),
        (f"{STUDY}.comparison.baseline", "ae_9", r"baseline: 'ae_9' is no variant .* two latents"),
        (f"{STUDY}.comparison.baseline", "ae_8", r"baseline: 'ae_8' is no variant .* two latents"),
        (f"{STUDY}.denoising.decoders", ["cnn_16"], r"decoders: 'cnn_16' is no variant"),
        (f"{STUDY}.denoising.autoencoders", ["gvae_8"], r"autoencoders: 'gvae_8' is no variant"),
        (f"{STUDY}.denoising.trained", ["vae_2"], r"trained: 'vae_2' is no variant of the study"),
        (f"{STUDY}.denoising.decoders", ["ae_8"], r"decoders: 'ae_8' is no .* kind vae"),
        (f"{STUDY}.denoising.trained", ["ae_2"], r"ae_2\.training\.noise must be fixed or fresh"),
        (f"{AUTO}.training.noise", "fixed", r"autoencoders: .*ae_2\.training\.noise must be none"),
        (f"{STUDY}.comparison.baseline", "gvae_2", r"baseline: 'gvae_2' is no .* autoencoder"),
        (f"{STUDY}.evaluation.headline", ["speed"], r"headline\.0.*"),
    ],
)
def test_what_does_not_belong_to_a_kind_is_named(tmp_path, key, value, message):
    with pytest.raises(InputError, match=message):
        load_params(edited(tmp_path, (key, value)))


def test_other_studies_know_vaes_alone(tmp_path):
    for key, value in (
        ("variants.cvae_2.kind", "autoencoder"),
        ("variants.vae_2.objective", "squared_error"),
        ("variants.cvae_16.likelihood", "categorical"),
        ("studies.letters.training.noise", "none"),
    ):
        with pytest.raises(InputError, match=key.replace(".", r"\.")):
            load_params(edited(tmp_path, (key, value)))
    for study in ("letters", "digits"):
        with pytest.raises(InputError, match=rf"{study}\.evaluation\.headline"):
            load_params(edited(tmp_path, (f"studies.{study}.evaluation.headline", ["accuracy"])))


def test_denoising_is_told_its_noise():
    params = {"studies": {"denoise": {"steps": 3}}, "datasets": {"x": {"level": 0.3}}}
    assert read_with_data("studies.denoise", "x", params) == {"steps": 3, "data": {"level": 0.3}}
