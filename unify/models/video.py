"""The video stream's parts: patch embeddings and space-time blocks, from timm's layers."""

import torch
from timm.layers import Mlp, PatchEmbed, trunc_normal_
from torch import Tensor, nn

from unify.config import VideoEncoderConfig
from unify.models.attention import DividedAttention
from unify.models.start import start_as_published


class VideoEmbeddings(nn.Module):
    """Patches of every frame, one [CLS] for the clip, positions in space and time (Frozen)."""

    def __init__(self, config: VideoEncoderConfig) -> None:
        super().__init__()
        self.patch_embed = PatchEmbed(config.image_size, config.patch_size, 3, config.width)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, config.width))
        self.pos_embed = nn.Parameter(
            torch.zeros(1, 1 + self.patch_embed.num_patches, config.width)
        )
        self.temporal_embed = nn.Parameter(torch.zeros(1, config.max_frames, 1, config.width))
        trunc_normal_(self.cls_token, std=0.02)
        trunc_normal_(self.pos_embed, std=0.02)

    def forward(self, video: Tensor) -> tuple[Tensor, int]:
        """(B, T, 3, S, S) -> tokens (B, 1 + T * P, D), frame by frame, and T."""
        batch, frames = video.shape[:2]
        patches = self.patch_embed(video.flatten(0, 1)).unflatten(0, (batch, frames))  # B T P D
        patches = patches + self.pos_embed[:, None, 1:] + self.temporal_embed[:, :frames]
        cls = (self.cls_token + self.pos_embed[:, :1]).expand(batch, -1, -1)
        return torch.cat([cls, patches.flatten(1, 2)], dim=1), frames


class FrozenBlock(nn.Module):
    """Divided space-time block of Frozen: time enters only through the input of space."""

    def __init__(self, config: VideoEncoderConfig) -> None:
        super().__init__()
        self.temporal_norm = nn.LayerNorm(config.width, eps=1e-6)
        self.temporal_attn = _attention(config)
        self.norm1 = nn.LayerNorm(config.width, eps=1e-6)
        self.attn = _attention(config)
        self.norm2 = nn.LayerNorm(config.width, eps=1e-6)
        self.mlp = Mlp(config.width, config.mlp_width)
        start_as_published(self, config.width)
        _reset_temporal(self.temporal_attn, config.temporal_start)

    def forward(self, x: Tensor, frames: int, cls_alone: bool = False) -> Tensor:
        """(B, 1 + T * P, D) -> the same shape, or (B, 1, D) for `cls_alone`."""
        timed = x + self.temporal_attn(self.temporal_norm(x), frames, "time")
        x = x + self.attn(self.norm1(timed), frames, "space")
        x = x[:, :1] if cls_alone else x
        return x + self.mlp(self.norm2(x))


class TimeSformerBlock(FrozenBlock):
    """Plain TimeSformer block: time is a residual; [CLS] sees frame by frame and is averaged."""

    def forward(self, x: Tensor, frames: int, cls_alone: bool = False) -> Tensor:
        """(B, 1 + T * P, D) -> the same shape, or (B, 1, D) for `cls_alone`."""
        x = torch.cat([x[:, :1], x[:, 1:] + self._over_time(x[:, 1:], frames)], dim=1)
        x = x + self._over_space(self.norm1(x), frames)
        x = x[:, :1] if cls_alone else x
        return x + self.mlp(self.norm2(x))

    def _over_time(self, patches: Tensor, frames: int) -> Tensor:
        batch = len(patches)
        places = self.temporal_norm(patches).unflatten(1, (frames, -1)).transpose(1, 2)  # B P T D
        out = self.temporal_attn.within(places.flatten(0, 1)).unflatten(0, (batch, -1))
        return out.transpose(1, 2).flatten(1, 2)

    def _over_space(self, x: Tensor, frames: int) -> Tensor:
        batch = len(x)
        cls = x[:, None, :1].expand(-1, frames, -1, -1)
        scenes = torch.cat([cls, x[:, 1:].unflatten(1, (frames, -1))], dim=2)  # B T 1+P D
        out = self.attn.within(scenes.flatten(0, 1)).unflatten(0, (batch, frames))
        return torch.cat([out[:, :, :1].mean(1), out[:, :, 1:].flatten(1, 2)], dim=1)


BLOCKS = {"frozen": FrozenBlock, "timesformer": TimeSformerBlock}


def _attention(config: VideoEncoderConfig) -> DividedAttention:
    return DividedAttention(config.width, config.heads, qkv_bias=config.qkv_bias)


def _reset_temporal(attention: DividedAttention, start: str) -> None:
    """Make temporal attention give zero, so that a block starts as a ViT's."""
    parameters = dict(attention.named_parameters())
    if start == "frozen":
        for name in parameters.keys() & {"qkv.weight", "qkv.bias"}:
            nn.init.zeros_(parameters[name])
        nn.init.ones_(attention.proj.weight)
    else:
        nn.init.zeros_(attention.proj.weight)
    nn.init.zeros_(attention.proj.bias)
