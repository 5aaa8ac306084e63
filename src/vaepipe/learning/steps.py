"""The steps of a training: batch after batch the weights of a model move."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from vaepipe.learning.states import Progress
from vaepipe.machine.capture import Captures, captures
from vaepipe.models.batch import Batch


class Objective(Protocol):
    """What a model is trained for. All terms are of an image: summed over it, never averaged."""

    columns: Sequence[str]
    """The names of the terms. The total is their sum and the L2 term."""
    unit: str
    """Of all terms."""

    def __init__(self, likelihood, settings: Mapping[str, Any]): ...

    def terms(self, model: nn.Module, batch: Batch, generator: torch.Generator) -> Sequence[Tensor]:
        """The value of each term for each image, (n,). Noise is drawn from the generator."""

    def loss(self, means: Tensor, step: int | Tensor, epoch_steps: int) -> Tensor:
        """What a step lowers, from the means of the terms; steps are counted over all epochs.

        A GPU counts them by itself, in a tensor.
        """


class Steps:
    """Those of one seed, epoch after epoch, as they are written."""

    def __init__(self, progress: Progress, objective: Objective, size: int):
        """Batches have so many images; the last of an epoch may have fewer."""
        self.objective = objective
        self.noise = torch.Generator(next(progress.model.parameters()).device)
        self._progress, self._size = progress, size

    def epoch(self, images: Batch, order: Tensor) -> Tensor:
        """Means of the terms, and L2, before each step of one: (steps, terms)."""
        batches = order.split(self._size)
        first = self._progress.epochs * len(batches)
        means = [
            self._move(images[rows], number, len(batches))
            for number, rows in enumerate(batches, start=first)
        ]
        return torch.stack(means)

    def _move(self, batch: Batch, number: int | Tensor, epoch_steps: int) -> Tensor:
        model, optimiser = self._progress.model, self._progress.optimiser
        terms = self.objective.terms(model, batch, self.noise)
        means = torch.stack([*(term.mean() for term in terms), optimiser.penalty()])
        optimiser.step(self.objective.loss(means, number, epoch_steps))
        return means.detach()


class CapturedSteps(Steps):
    """The same where a GPU repeats a step by itself: Python neither launches nor sees its parts.

    What a step is to find lies in tensors that stay in their place: the images, their order in
    this epoch, how many steps were before this epoch and in it, and the means so far.
    """

    _images: Batch | None = None

    def epoch(self, images: Batch, order: Tensor) -> Tensor:
        if self._images is None:
            self._lay_out(images, order)
        for place, part in zip(self._images.parts(), images.parts(), strict=True):
            if place is not part:  # drawn anew
                place.copy_(part)
        self._order.copy_(order)
        self._before.fill_(self._progress.epochs * len(self._means))
        self._done.zero_()
        for rows in order.split(self._size):
            self._captures.call(self._step, len(rows))
        return self._means.cpu()

    def _lay_out(self, images: Batch, order: Tensor) -> None:
        self._captures = Captures(self.noise)
        self._images, self._order = images, order.clone()
        self._before, self._done = order.new_zeros(()), order.new_zeros(())
        self._within = torch.arange(self._size, device=order.device)
        steps = len(order.split(self._size))
        self._numbers = torch.arange(steps, device=order.device)[:, None]
        terms = len(self.objective.columns) + 1
        self._means = torch.zeros(steps, terms, device=order.device)

    def _step(self, size: int) -> None:
        rows = self._order.index_select(0, self._done * self._size + self._within[:size])
        number = self._before + self._done
        means = self._move(self._images[rows], number, len(self._means))
        torch.where(self._numbers == self._done, means, self._means, out=self._means)
        self._done += 1


def steps_on(device: torch.device) -> type[Steps]:
    """How steps are done on a device."""
    return CapturedSteps if captures(device) else Steps
