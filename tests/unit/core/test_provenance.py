import subprocess
from pathlib import Path

import pytest

from vaepipe.core.errors import InputError
from vaepipe.core.provenance import check_folders, record_file, write


def make(folder: str) -> None:
    """What the pipeline leaves of a node."""
    Path(folder).mkdir(parents=True)
    write(record_file(Path(folder)), {})


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def refusal(parents: list[str], names: list[str]) -> str:
    with pytest.raises(InputError) as caught:
        check_folders([Path(parent) for parent in parents], names, "variant")
    return str(caught.value)


def test_a_folder_of_no_variant_is_refused_with_the_command_that_removes_it():
    parents = ["models", "evaluations", "figures"]
    for parent in parents[:2]:
        for name in ("vae_2", "vae_old"):
            make(f"{parent}/{name}")
    check_folders([Path(parent) for parent in parents], ["vae_2", "vae_old"], "variant")
    message = refusal(parents, ["vae_2"])
    assert "vae_old is no variant of params.yaml." in message
    assert message.endswith("left over: rm -r -- evaluations/vae_old models/vae_old")


def test_the_command_removes_what_is_left_over_and_nothing_else():
    names = ["vae_2 copy", "x;touch PWN", "$(touch PWN)", "-f", "it's", "a\nb", "*", "~"]
    for name in ("vae_2", *names):
        make(f"models/{name}")
        make(name)
    for parent in ("models", "."):
        command = refusal([parent], ["vae_2", "models"]).partition("left over: ")[2]
        subprocess.run(["sh", "-c", command], check=True)
        assert "vae_2" in [path.name for path in Path(parent).iterdir()]
        check_folders([Path(parent)], ["vae_2", "models"], "variant")


def test_what_a_person_has_put_there_is_not_to_be_removed():
    make("models/vae_old")
    Path("models/my notes").mkdir()
    message = refusal(["models"], ["vae_2"])
    assert "Move 'models/my notes' elsewhere" in message
    assert message.endswith("rm -r -- models/vae_old")


def test_hidden_files_are_left_alone():
    Path("models").mkdir()
    Path("models/.DS_Store").touch()
    check_folders([Path("models")], ["vae_2"], "variant")
