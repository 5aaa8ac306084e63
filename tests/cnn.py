"""Small classifiers of characters and of colour pictures, the judges of what is legible."""

import torch
from torch import Tensor, nn
from torch.nn import functional


def train_cnn(images: Tensor, labels: Tensor, classes: int, epochs: int) -> nn.Module:
    """Train on images (n, 784) in [0, 1] with labels (n,)."""
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Unflatten(1, (1, 28, 28)),
        nn.Conv2d(1, 24, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(24, 48, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Dropout(0.3),
        nn.Linear(48 * 49, 128),
        nn.ReLU(),
        nn.Dropout(0.3),
        nn.Linear(128, classes),
    )
    return _train(model, images, labels, epochs)


class Mirrored(nn.Module):
    """Mirrors half of the batches while it is trained."""

    def forward(self, images: Tensor) -> Tensor:
        return images.flip(-1) if self.training and torch.rand(()) < 0.5 else images


def train_colour_cnn(images: Tensor, labels: Tensor, classes: int, epochs: int) -> nn.Module:
    """Train on images (n, 3, 32, 32) in [0, 1] with labels (n,)."""
    torch.manual_seed(0)
    layers = []
    for inputs, outputs in ((3, 24), (24, 48), (48, 96)):
        layers += [
            nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
            nn.MaxPool2d(2),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
        ]
    top = nn.Flatten(), nn.Dropout(0.4), nn.Linear(96 * 16, classes)
    return _train(nn.Sequential(Mirrored(), *layers, *top), images, labels, epochs)


def _train(model: nn.Module, images: Tensor, labels: Tensor, epochs: int) -> nn.Module:
    steps = epochs * -(-len(labels) // 100)
    optimiser = torch.optim.Adam(model.parameters(), 0.002)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 0.002, total_steps=steps)
    for _ in range(epochs):
        for batch in torch.randperm(len(labels)).split(100):
            optimiser.zero_grad()
            functional.cross_entropy(model(images[batch]), labels[batch]).backward()
            optimiser.step()
            schedule.step()
    return model.eval()


@torch.no_grad()
def accuracy(model: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Share of images, shaped as in its training, that the model assigns to their labels."""
    right = [
        (model(x).argmax(-1) == y).sum()
        for x, y in zip(images.split(1000), labels.split(1000), strict=True)
    ]
    return (torch.stack(right).sum() / len(labels)).item()
