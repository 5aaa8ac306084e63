"""What a GPU repeats by itself: the kernels of a function, launched at once as a CUDA graph."""

from collections.abc import Callable
from functools import partial

import torch


def captures(device: torch.device) -> bool:
    """Whether a device can repeat what it did."""
    return device.type == "cuda"


class Captures:
    """A function that is called over and over, and works on tensors in their place.

    A GPU runs the kernels of a small network in less time than Python takes to launch them. So the
    first call with an argument is as it is written, in which libraries set themselves up; in the
    second its kernels are recorded; that and all others replay them, at one launch. The function
    finds all that it reads and writes where it lay, and looks at no value: what changes from call
    to call is in tensors. Draws, from a generator and from torch's own, are new in each call.
    """

    def __init__(self, generator: torch.Generator):
        self._generator = generator
        self._replays: dict[int, Callable[[], None] | None] = {}

    def call(self, function: Callable[[int], None], size: int) -> None:
        """One call of the function, which must be the same each time."""
        if size not in self._replays:
            self._replays[size] = None
            return function(size)
        replay = self._replays[size]
        if replay is None:
            replay = self._replays[size] = record(partial(function, size), self._generator)
        return replay()


def record(function: Callable[[], None], generator: torch.Generator) -> Callable[[], None]:
    """What replays the kernels of a function; none is run yet."""
    graph = torch.cuda.CUDAGraph()
    graph.register_generator_state(generator)
    with torch.cuda.graph(graph):
        function()
    return graph.replay
