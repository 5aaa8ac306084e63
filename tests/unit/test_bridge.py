"""The bridge's own pieces, without an engine: digests, plans, DVC's register."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT / "workflow"))

from bridge import busy
from bridge.digests import CACHE, Digests
from bridge.lockfile import DAMAGED, KEPT, LOCK
from bridge.nodes import Nodes, check_time

from vaepipe.core import provenance
from vaepipe.core.errors import InputError
from vaepipe.core.inputs import md5
from vaepipe.core.making import acquire

PLACE = Path("results/x")
OUTPUT = "results/x/out.json"
PARAMS = {"a": {"b": 1}}


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("code.py").write_text("code")
    Path("input.csv").write_text("input")
    Path("results/x").mkdir(parents=True)


def update(params=PARAMS) -> dict:
    nodes = Nodes(params, quiet=True)
    path = nodes.update(PLACE, ["a.b"], ["code.py"], [OUTPUT], Path("benchmark"))
    nodes.close()
    return json.loads(path.read_text())


def make() -> None:
    """What a job does that Snakemake has planned."""
    plan = provenance.load(provenance.plan_file(PLACE))
    Path(OUTPUT).write_text("output")
    inputs = {"input.csv": md5(Path("input.csv"))}
    outputs = {OUTPUT: md5(Path(OUTPUT))}
    record = {**plan, "inputs": inputs, "outputs": outputs}
    provenance.write(provenance.record_file(PLACE), record)


def test_a_plan_that_is_proved_stays():
    update()
    make()
    before = provenance.plan_file(PLACE).stat().st_mtime_ns
    assert update() == update()
    assert provenance.plan_file(PLACE).stat().st_mtime_ns == before


def replace_output():
    Path(OUTPUT).write_text("another")


def forget_record():
    provenance.record_file(PLACE).unlink()


def replace_input():
    Path("input.csv").write_text("another")


def edit_code():
    Path("code.py").write_text("edited")


def damage_record():
    provenance.record_file(PLACE).write_text('{"inputs": 3')


def nest_record():
    provenance.record_file(PLACE).write_text("[" * 100_000)


def misshape_record():
    record = provenance.load(provenance.record_file(PLACE))
    provenance.record_file(PLACE).write_text(json.dumps(record | {"outputs": [OUTPUT]}))


@pytest.mark.parametrize(
    "event",
    [
        replace_output,
        forget_record,
        replace_input,
        edit_code,
        damage_record,
        nest_record,
        misshape_record,
    ],
)
def test_what_no_record_proves_is_in_doubt_until_it_is_made_again(event):
    update()
    make()
    proved = update()
    event()
    doubted = update()
    assert doubted != proved and doubted["doubt"]
    assert update() == doubted
    make()
    assert update() == doubted


def test_an_edit_that_was_looked_at_and_taken_back_is_proved_again():
    update()
    make()
    proved = update()
    assert update({"a": {"b": 2}}) != proved
    assert update() == proved


def test_an_edit_made_and_taken_back_around_a_job_is_in_doubt():
    update()
    other = {"a": {"b": 2}}
    update(other)
    make()
    assert update()["doubt"]


def test_no_plan_changes_beside_a_run():
    update()
    run = acquire(busy.RUN)
    assert update()
    with pytest.raises(InputError, match=r"Snakemake is at work here \(process"):
        update({"a": {"b": 2}})
    os.close(run)
    assert update({"a": {"b": 2}})["params"] == {"a.b": 2}


def test_a_file_from_the_future_is_named():
    Path(OUTPUT).write_text("x")
    os.utime(OUTPUT, (4e9, 4e9))
    with pytest.raises(InputError, match=r"is from the future \(2096-.*`touch results/x/out"):
        check_time(Path(OUTPUT))


def test_digests_are_those_of_the_content():
    for content in ("one", "two"):
        Path("input.csv").write_text(content)
        os.utime("input.csv", (1, 1))
        digests = Digests()
        assert digests.of(Path("input.csv")) == md5(Path("input.csv"))
        digests.save()


@pytest.mark.parametrize("place", range(0, 200, 7))
def test_a_damaged_cache_of_digests_is_begun_anew(place):
    digests = Digests()
    good = digests.of(Path("input.csv"))
    digests.save()
    content = bytearray(CACHE.read_bytes())
    content[place % len(content)] ^= 1
    CACHE.write_bytes(content)
    assert Digests().of(Path("input.csv")) == good


@pytest.mark.parametrize("content", ["", "{", "[" * 100_000, '{"files": {}, "check": null}'])
def test_nor_is_anything_taken_from_what_is_no_such_cache(content):
    CACHE.parent.mkdir(parents=True)
    CACHE.write_text(content)
    assert Digests().of(Path("input.csv")) == md5(Path("input.csv"))


@pytest.fixture
def repo():
    """A repository of DVC with a whole dvc.lock."""
    from dvc.repo import Repo

    with Repo.init(no_scm=True) as repo:
        LOCK.write_text(WHOLE)
        yield repo


WHOLE = """\
schema: '2.0'
stages:
  a:
    cmd: a
    outs:
    - path: out
      md5: d41d8cd98f00b204e9800998ecf8427e
"""


@pytest.mark.parametrize("content", ["", WHOLE[:30], WHOLE[:52], "schema: '9"])
def test_a_lock_file_that_a_kill_has_cut_off_is_as_before(repo, content, capsys):
    busy.mend(repo)
    LOCK.write_text(content)
    busy.mend(repo)
    assert LOCK.read_text() == WHOLE
    assert "It is again as it was when it was last whole" in capsys.readouterr().err
    assert DAMAGED.read_text() == content


@pytest.mark.parametrize("kept", ["", None])
def test_where_no_whole_one_was_kept_git_has_it(repo, kept):
    busy.mend(repo)
    KEPT.unlink()
    if kept is not None:
        KEPT.write_text(kept)
    LOCK.write_text(WHOLE[:30])
    with pytest.raises(InputError, match=r"git checkout HEAD -- dvc\.lock"):
        busy.mend(repo)
    assert LOCK.read_text() == WHOLE[:30]


def test_a_folder_in_its_place_is_told(repo):
    LOCK.unlink()
    LOCK.mkdir()
    with pytest.raises(InputError, match=r"dvc\.lock is no file"):
        busy.mend(repo)


def test_a_lock_file_that_git_could_not_merge_is_its_users(repo):
    busy.mend(repo)
    LOCK.write_text(f"<<<<<<< HEAD\n{WHOLE}")
    with pytest.raises(InputError, match="git checkout --ours"):
        busy.mend(repo)
    assert LOCK.read_text() == f"<<<<<<< HEAD\n{WHOLE}"


def test_without_a_lock_file_nothing_is_restored(repo):
    busy.mend(repo)
    LOCK.unlink()
    busy.mend(repo)
    assert not LOCK.exists()


def enter(repo, number: int) -> Path:
    """Write DVC's register, with an entry of a process."""
    path = busy.register(repo)
    path.write_text(json.dumps({"write": {"/x": {"pid": number, "cmd": "dvc repro"}}, "read": {}}))
    return path


@pytest.mark.parametrize("content", ["", "{", "[]", '{"write": {"/x": 3}}', "[" * 100_000])
def test_a_damaged_register_is_removed(repo, content):
    path = enter(repo, 1)
    path.write_text(content)
    busy.mend(repo)
    assert not path.exists()


def test_an_entry_whose_number_another_program_was_given_is_removed(repo):
    path = enter(repo, os.getpid())
    busy.mend(repo)
    assert path.exists()
    os.utime(path, (1, 1))  # long before this process began
    busy.mend(repo)
    assert not path.exists()


def test_an_entry_of_a_process_that_is_gone_is_removed(repo):
    with subprocess.Popen(["true"]) as process:
        process.wait()
    path = enter(repo, process.pid)
    busy.mend(repo)
    assert not path.exists()
