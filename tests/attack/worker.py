"""A process that judges hostile files one by one; one that hangs or crashes is replaced."""

import multiprocessing
import resource
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection

from vaepipe.core.errors import InputError

SECONDS = 60
QUESTIONS = 1000
"""To one process, since libraries that fail do not give all of their memory back."""
BYTES = 4 << 30

Judge = Callable[[bytes], None]
"""Reads a file of these bytes; raises BrokenError for what it should not have given."""


class Worker:
    """Judges contents in a fork, which is started anew if it hangs or dies."""

    def __init__(self, judge: Judge):
        self._judge = judge
        self._asked = 0
        self._start()

    def ask(self, content: bytes) -> tuple[str, str]:
        """The verdict on a file's content, and why."""
        self._asked += 1
        if self._asked % QUESTIONS == 0:
            self.close()
            self._start()
        self._pipe.send_bytes(content)
        if self._pipe.poll(SECONDS):
            try:
                return self._pipe.recv()
            except EOFError:
                answer = ("traceback", "the process died")
        else:
            answer = ("traceback", f"no end within {SECONDS} s")
        self.close()
        self._start()
        return answer

    def close(self) -> None:
        self._process.kill()
        self._process.join()
        self._pipe.close()

    def _start(self) -> None:
        context = multiprocessing.get_context("fork")
        self._pipe, other = context.Pipe()
        self._process = context.Process(target=_serve, args=(other, self._judge), daemon=True)
        self._process.start()
        other.close()


def _serve(pipe: Connection, judge: Judge) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    while True:
        pipe.send(_verdict(judge, pipe.recv_bytes()))


def _verdict(judge: Judge, content: bytes) -> tuple[str, str]:
    """Plain refusals are fine; every error that a user would see as a traceback is not."""
    try:
        judge(content)
    except (InputError, OSError) as error:
        return "fine", f"refused ({type(error).__name__})"
    except Exception as error:
        verdict = getattr(error, "verdict", "traceback")
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = "" if verdict == "wrong" else f" at {place.filename.split('/')[-1]}:{place.lineno}"
        return verdict, f"{type(error).__name__}: {str(error)[:120]!r}{where}"
    return "fine", "read"
