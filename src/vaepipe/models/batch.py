"""Images on the device where a model is computed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from vaepipe.datasets.images import Images

BLOCK = 500
"""Rows at a time: memory does not grow with their number, and maps of convolutions stay near."""


@dataclass(frozen=True)
class Batch:
    """Noisy images and their clean targets, each (n, pixels) in [0, 1], with labels (n,)."""

    noisy: Tensor
    clean: Tensor
    labels: Tensor
    grey: Tensor | None = None
    """Where pixels are dynamic, the chance of each to be 1; a part of a batch goes without."""

    @classmethod
    def of(cls, images: Images, device: torch.device) -> "Batch":
        """All images of a prepared split, in whose memory they stay on the CPU."""
        values = [images.pixels["noisy"], images.pixels["clean"], images.labels]
        if "grey" in images.pixels:
            values.append(images.pixels["grey"])
        return cls(*(torch.as_tensor(value, device=device) for value in values))

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, rows: Tensor | slice) -> "Batch":
        """The images of a slice, or at places (n,)."""
        if isinstance(rows, slice):
            return Batch(*(part[rows] for part in self.parts()))
        # The same as by index, in a fifth of the time for whole rows.
        return Batch(*(part.index_select(0, rows) for part in self.parts()))

    def parts(self) -> tuple[Tensor, Tensor, Tensor]:
        """Noisy and clean images, and labels."""
        return self.noisy, self.clean, self.labels

    def without_noise(self) -> "Batch":
        """The same images with the clean ones in the noisy ones' place."""
        return replace(self, noisy=self.clean)

    def split(self, size: int) -> Iterator["Batch"]:
        """Batches of so many images in order; the last may be smaller."""
        return (self[start : start + size] for start in range(0, len(self), size))


def in_blocks(of: Callable[[Tensor], Tensor], rows: Tensor) -> Tensor:
    """What a function makes of rows (n, …), each by itself: as in one pass, but for rounding."""
    return torch.cat([of(some) for some in rows.split(BLOCK)])
