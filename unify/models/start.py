"""Random starts of BERT's and ViT's layers, at any width."""

from torch import nn

BASE_STD = 0.02
BASE_WIDTH = 768
"""The published encoders start from a normal of 0.02 at width 768."""


def start_std(width: int) -> float:
    """The published standard deviation, scaled so that outputs keep their size at another width."""
    return BASE_STD * (BASE_WIDTH / width) ** 0.5


def start_as_published(module: nn.Module, width: int) -> None:
    """Draw the weights of linear layers and embeddings, and set biases to zero."""
    for part in module.modules():
        if isinstance(part, nn.Linear | nn.Embedding):
            nn.init.normal_(part.weight, std=start_std(width))
        if isinstance(part, nn.Linear) and part.bias is not None:
            nn.init.zeros_(part.bias)
