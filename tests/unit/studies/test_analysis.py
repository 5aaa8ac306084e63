import numpy as np
import pytest
from unit.toys import config

from vaepipe.core.files import read_json, write_json
from vaepipe.datasets.images import Kind, writing
from vaepipe.figures.architecture import parameters
from vaepipe.models.saved import build_network
from vaepipe.models.weights import save_weights
from vaepipe.studies import analysis
from vaepipe.studies.letters import analysis as letters


@pytest.fixture
def folder(tmp_path):
    """Data, and a model of two seeds."""
    for name in ("train", "test"):
        pixels = np.zeros((2, 16), np.float32)
        path = tmp_path / f"{name}.parquet"
        with writing(path, Kind((4, 4), ("A", "B"), "x"), ["clean", "noisy"], np.float32) as file:
            file.write(np.arange(2), pixels, pixels)
    weights = {f"seed-{seed}": build_network(config()).state_dict() for seed in (3, 5)}
    save_weights(tmp_path / "model.safetensors", weights)
    write_json(tmp_path / "config.json", config())
    return tmp_path


def test_the_architecture_joins_the_facts_of_any_study(folder, monkeypatch):
    monkeypatch.setattr(letters, "analyse", lambda *_: ({"x": np.zeros(1)}, {"own": 1}))
    outputs = [folder / name for name in analysis.OUTPUTS]
    analysis.analyse_variant({"device": "cpu", "threads": 1}, folder, folder, *outputs)
    facts = read_json(outputs[1])
    assert facts["own"] == 1
    assert [layer["kind"] for layer in facts["architecture"]] == 2 * ["Linear", "ReLU", "Linear"]
    expected = sum(of.numel() for of in build_network(config()).parameters())
    assert parameters(facts["architecture"]) == expected
