"""The video warm start: a tiny ViT that names the things in labelled images (ours, for `mini`)."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from timm.models import VisionTransformer
from torch import Tensor, nn

from unify.checksum import Checksum
from unify.config import WarmStartConfig
from unify.data.corpora import load_labelled_images
from unify.data.decoding import read_image
from unify.data.transforms import TrainTransform, normalise
from unify.systems.weights import write_weights


@dataclass(frozen=True)
class ImageBatch:
    """Labelled images."""

    images: Tensor
    """(B, 3, S, S) normalised."""
    labels: Tensor
    """(B, C), 1 for each class that an image shows."""


class VideoObjective(nn.Module):
    """Name what an image shows, from [CLS] and from its patches."""

    def __init__(self, vit: VisionTransformer, classes: int) -> None:
        super().__init__()
        self.vit = vit
        self.whole = nn.Linear(vit.embed_dim, classes)
        self.parts = nn.Linear(vit.embed_dim, classes)

    def forward(self, batch: ImageBatch, step: int) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss, its terms, and how many of the things were named."""
        tokens = self.vit.forward_features(batch.images)
        whole, parts = self.whole(tokens[:, 0]), self.parts(tokens[:, 1:]).amax(1)
        terms = {"whole": _naming_loss(whole, batch), "parts": _naming_loss(parts, batch)}
        loss = torch.stack(list(terms.values())).sum()
        report = {name: term.detach() for name, term in terms.items()}
        named = named_share(parts.detach(), batch.labels)
        return loss, {"loss": loss.detach(), **report, "named_share": named}


class VideoWarmStart:
    """The task: labelled images, a tiny ViT, one stage."""

    def __init__(self, config: WarmStartConfig, device: torch.device) -> None:
        self.config = config
        self.device = device
        self.images = load_labelled_images(Path(config.root))
        names = sorted({label for image in self.images for label in image.labels})
        self.classes = {name: k for k, name in enumerate(names)}
        self.objective = VideoObjective(make_vit(config), len(names)).to(device)
        self.transform = TrainTransform(
            size=config.encoder.image_size, scale=config.recipe.crop_scale, flip=False
        )

    def batch(self, step: int) -> ImageBatch:
        """The batch of a step, a pure function of seed and step."""
        rng = np.random.default_rng((self.config.seed, step))
        chosen = rng.choice(len(self.images), self.config.recipe.batch_size, replace=False)
        clips = [self.transform(read_image(self.images[k].path), rng) for k in chosen]
        images = normalise(torch.stack(clips), self.config.mean, self.config.std)[:, 0]
        labels = torch.zeros(len(chosen), len(self.classes))
        for row, k in enumerate(chosen):
            labels[row, [self.classes[label] for label in self.images[k].labels]] = 1.0
        return ImageBatch(images.to(self.device), labels.to(self.device))

    def save(self, path: Path) -> Checksum:
        """Write the ViT as timm names it."""
        return write_weights(self.objective.vit.state_dict(), path)


def make_vit(config: WarmStartConfig) -> VisionTransformer:
    """timm's ViT of the config's sizes.

    timm's initial values suit a width of 768; here linear layers start at 1 / sqrt(inputs), those
    that end in a residual at 1 / sqrt(2 depth) of that.
    """
    sizes = config.encoder
    vit = VisionTransformer(
        img_size=sizes.image_size,
        patch_size=sizes.patch_size,
        embed_dim=sizes.width,
        depth=config.depth,
        num_heads=sizes.heads,
        mlp_ratio=sizes.mlp_width / sizes.width,
        qkv_bias=sizes.qkv_bias,
        num_classes=0,
    )
    for name, module in vit.named_modules():
        if isinstance(module, nn.Linear):
            scale = (2 * config.depth) ** -0.5 if name.endswith(("proj", "fc2")) else 1.0
            nn.init.normal_(module.weight, std=scale * module.in_features**-0.5)
    projection = vit.patch_embed.proj.weight
    nn.init.normal_(projection, std=projection[0].numel() ** -0.5)
    nn.init.normal_(vit.pos_embed, std=0.1)
    return vit


def named_share(scores: Tensor, labels: Tensor) -> Tensor:
    """Share of the K things in an image that are among its K highest scores, (B, C) -> scalar."""
    places = scores.argsort(1, descending=True).argsort(1)
    counts = labels.sum(1, keepdim=True)
    return (((places < counts) & (labels > 0)).sum(1) / counts[:, 0]).mean()


def _naming_loss(scores: Tensor, batch: ImageBatch) -> Tensor:
    share = batch.labels / batch.labels.sum(1, keepdim=True)
    return -(share * scores.log_softmax(-1)).sum(1).mean()
