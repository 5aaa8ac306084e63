"""Commands that start in no time: forks of a process that has the libraries loaded already.

Most of what a tiny pipeline costs is the start of Python: two seconds a script, one an engine. A
folder with `python`, `snakemake` and `dvc`, put first in PATH, hands each call to the server below,
which forks. The project's own modules are loaded anew in each fork. A fork belongs to the process
group of its client, so it is halted and killed with it. Some builds are made as a user would make
them, without this (see `Project.preloaded`).
"""

import atexit
import contextlib
import importlib
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
from functools import cache
from pathlib import Path

LIBRARIES = (
    "torch",
    "safetensors.torch",
    "pyarrow.parquet",
    "pyarrow.csv",
    "pandas",
    "matplotlib.pyplot",
    "skimage.metrics",
    "sklearn.neighbors",
    "scipy.interpolate",
    "PIL.ImageDraw",
    "typer",
    "typst",
    "pydantic",
    "ruamel.yaml",
    "tqdm",
    "threadpoolctl",
    "grimp",
    "snakemake.cli",
    "snakemake.workflow",
    "snakemake.dag",
    "dvc.cli",
    "dvc.repo",
    "dvc.commands.repro",
    "dvc.commands.status",
    "dvc.stage",
    "dvc.dependency.param",
    "dvc.repo.reproduce",
)

CLIENT = """#!{python} -IS
import json, os, socket, sys
request = {{"argv": sys.argv, "cwd": os.getcwd(), "env": dict(os.environ), "group": os.getpgrp()}}
with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    message = json.dumps(request).encode()
    socket.send_fds(server, [len(message).to_bytes(8, "big")], [0, 1, 2])
    server.sendall(message)
    code = server.recv(1)
os._exit(code[0] if code else 137)
"""


@cache
def commands() -> str:
    """The folder of the commands, whose server runs as long as this process."""
    folder = tempfile.TemporaryDirectory(prefix="preloaded-")
    address = f"{folder.name}/server"
    for name in ("python", "snakemake", "dvc"):
        path = Path(folder.name, name)
        path.write_text(CLIENT.format(python=sys.executable, address=address))
        path.chmod(0o755)
    ready, told = os.pipe()
    server = subprocess.Popen([sys.executable, __file__, address, str(told)], pass_fds=[told])
    os.close(told)
    assert os.read(ready, 1), "the server has not started"
    atexit.register(folder.cleanup)
    atexit.register(server.kill)
    return folder.name


def serve(address: str, told: int) -> None:
    for name in LIBRARIES:
        importlib.import_module(name)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen(64)
    os.write(told, b"1")
    os.close(told)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # forks are not waited for
    parent = os.getppid()
    listener.settimeout(1)
    while os.getppid() == parent:
        with contextlib.suppress(TimeoutError):
            connection, _ = listener.accept()
            if not os.fork():
                listener.close()
                answer(connection)
            connection.close()


def answer(connection: socket.socket) -> None:
    """Run what a client was called for, as if it were this process; never returns."""
    connection.setblocking(True)
    size, files, *_ = socket.recv_fds(connection, 8, 3)
    message = b""
    while len(message) < int.from_bytes(size, "big"):
        message += connection.recv(1 << 16)
    request = json.loads(message)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.setpgid(0, request["group"])
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    threading.Thread(target=end_with, args=[connection], daemon=True).start()
    code = run([Path(request["argv"][0]).name, *request["argv"][1:]])
    with contextlib.suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    connection.sendall(bytes([code % 256]))
    os._exit(code % 256)


def end_with(connection: socket.socket) -> None:
    """End this process when the client has been killed."""
    connection.recv(1)
    os._exit(137)


def run(argv: list[str]) -> int:
    """The exit code of a command, as the interpreter would have it."""
    try:
        command, *arguments = argv
        if command != "python":
            start(str(Path(sys.executable).with_name(command)), arguments)
        elif arguments[0] == "-c":
            sys.argv = ["-c", *arguments[2:]]
            sys.path.insert(0, "")
            exec(compile(arguments[1], "<string>", "exec"), {"__name__": "__main__"})
        else:
            start(arguments[0], arguments[1:])
        code = 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
        if not isinstance(error.code, int | None):
            print(error.code, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
        code = 1
    atexit._run_exitfuncs()
    return code


def start(script: str, arguments: list[str]) -> None:
    sys.argv = [script, *arguments]
    sys.path.insert(0, str(Path(script).resolve().parent))
    runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    sys.path.remove(str(Path(__file__).parent))
    serve(sys.argv[1], int(sys.argv[2]))
