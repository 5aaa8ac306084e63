"""What a network is made of, seen as one image and one latent pass through it."""

import math
from collections.abc import Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

PARTS = ("encoder", "decoder")
CONVOLUTIONS = (nn.Conv2d, nn.ConvTranspose2d)
SETTINGS = ("kernel_size", "stride", "padding", "output_padding")
"""What the shapes of a convolution do not tell; rows before columns, or a word."""


def trace(network: nn.Module, shape: Sequence[int]) -> list[dict[str, Any]]:
    """The layers of the encoder, then of the decoder, in the order in which they are used.

    `network` has an encoder of images (n, pixels) of a shape; if it has a decoder, it has `latent`.
    A layer is a module without modules of its own: its part, its kind, the settings of a
    convolution (None of others), the shapes of its input and output for one image, and the number
    of its parameters that no layer before has counted. The network is run on zeros as in
    evaluation: nothing is drawn, and its modes stay as they were.
    Raises ValueError if a parameter belongs to no layer that was used.
    """
    layers: list[dict[str, Any]] = []
    counted: set[nn.Parameter] = set()
    modes = {module: module.training for module in network.modules()}
    hooks = [
        module.register_forward_hook(partial(_note, layers, counted, part))
        for part in PARTS
        if hasattr(network, part)
        for module in getattr(network, part).modules()
        if not list(module.children())
    ]
    device = next(network.parameters()).device
    try:
        network.eval()
        with torch.no_grad():
            network.encoder(torch.zeros(1, math.prod(shape), device=device))
            if hasattr(network, "decoder"):
                network.decoder(torch.zeros(1, network.latent, device=device))
    finally:
        for hook in hooks:
            hook.remove()
        for module, mode in modes.items():
            module.training = mode
    if counted != set(network.parameters()):
        raise ValueError("a parameter of the network belongs to no layer that was used")
    return layers


def _note(
    layers: list[dict[str, Any]],
    counted: set[nn.Parameter],
    part: str,
    module: nn.Module,
    inputs: tuple[Tensor, ...],
    output: Tensor,
) -> None:
    own = set(module.parameters()) - counted
    counted |= own
    layers.append(
        {
            "part": part,
            "kind": type(module).__name__,
            "settings": _settings(module) if isinstance(module, CONVOLUTIONS) else None,
            "input": list(inputs[0].shape[1:]),
            "output": list(output.shape[1:]),
            "parameters": sum(parameter.numel() for parameter in own),
        }
    )


def _settings(convolution: nn.Module) -> dict[str, str | list[int]]:
    found = {name: getattr(convolution, name) for name in SETTINGS}
    return {name: of if isinstance(of, str) else list(of) for name, of in found.items()}
