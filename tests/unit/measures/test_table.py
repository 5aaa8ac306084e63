import pytest

from vaepipe.core.errors import InputError
from vaepipe.core.files import write_json
from vaepipe.measures.seeds import summarise
from vaepipe.measures.table import read_results, spreads

SUMMARIES = {
    "vae_20": summarise([7, 9], [{"kl": 5.0, "elbo": -1.0}, {"kl": 5.5, "elbo": -2.0}]),
    "vae_2": summarise([3], [{"elbo": -4.0, "kl": 0.5}]),
}


@pytest.fixture
def evaluations(tmp_path):
    for name, summary in SUMMARIES.items():
        (tmp_path / name).mkdir()
        write_json(tmp_path / name / "seeds.json", summary)
        write_json(tmp_path / name / "metrics.json", {"elbo": 0.0})
    return tmp_path


def test_a_row_for_each_measure_of_each_seed_of_each_variant(evaluations):
    table = read_results("letters", evaluations)
    assert list(table.columns) == ["study", "variant", "seed", "measure", "value"]
    assert table.values.tolist() == [
        ["letters", "vae_2", 3, "elbo", -4.0],
        ["letters", "vae_2", 3, "kl", 0.5],
        ["letters", "vae_20", 7, "kl", 5.0],
        ["letters", "vae_20", 9, "kl", 5.5],
        ["letters", "vae_20", 7, "elbo", -1.0],
        ["letters", "vae_20", 9, "elbo", -2.0],
    ]
    assert table["value"].dtype == float and table["seed"].dtype == int


def test_spreads_of_the_table_are_those_of_the_seeds(evaluations):
    found = spreads(read_results("letters", evaluations))
    assert found == {name: summary["measures"] for name, summary in SUMMARIES.items()}
    assert found["vae_2"]["elbo"]["std"] is None
    assert list(found["vae_20"]) == ["kl", "elbo"]


def test_no_evaluations_are_named(tmp_path):
    with pytest.raises(InputError, match="holds no evaluated variant of the study 'letters'"):
        read_results("letters", tmp_path / "none")


def test_a_damaged_evaluation_is_named(evaluations):
    (evaluations / "vae_2/seeds.json").write_text("{")
    with pytest.raises(InputError, match=r"vae_2/seeds\.json: not valid JSON"):
        read_results("letters", evaluations)
