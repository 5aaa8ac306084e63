"""An SSH server of our own as DVC's remote."""

import getpass
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest
from remote import assert_fresh_for_both, pulled

SSHD = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/usr/bin")


@pytest.fixture
def server(tmp_path):
    """Port and key of an SSH server that lets this user in."""
    if SSHD is None:
        pytest.skip("needs sshd (Debian: openssh-server)")
    for key in ("host", "user"):
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / key], check=True
        )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        "Port": port,
        "ListenAddress": "127.0.0.1",
        "HostKey": tmp_path / "host",
        "AuthorizedKeysFile": tmp_path / "user.pub",
        "StrictModes": "no",
        "UsePAM": "no",
        "PidFile": "none",
        "Subsystem": "sftp internal-sftp",
    }
    configuration = tmp_path / "sshd_config"
    configuration.write_text("".join(f"{key} {value}\n" for key, value in settings.items()))
    if getpass.getuser() == "root":
        Path("/run/sshd").mkdir(exist_ok=True)
    process = subprocess.Popen([SSHD, "-D", "-e", "-f", configuration])
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    yield port, tmp_path / "user"
    process.terminate()
    process.wait()


def test_a_clone_pulls_over_ssh_and_has_nothing_to_do(project, server, tmp_path):
    port, key = server
    url = f"ssh://{getpass.getuser()}@127.0.0.1:{port}{tmp_path}/remote"
    project.run("dvc", "remote", "add", "-d", "store", url)
    project.run("dvc", "remote", "modify", "store", "keyfile", str(key))
    assert_fresh_for_both(pulled(project))
