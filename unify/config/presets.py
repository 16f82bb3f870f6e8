"""Presets: `paper` (as published), `mini` (the miniature world), `smoke` (seconds, for tests)."""

from dataclasses import replace

from unify.config.data import DataConfig
from unify.config.model import (
    LatentConfig,
    LexiconConfig,
    ModelConfig,
    TextEncoderConfig,
    VideoEncoderConfig,
)
from unify.config.objective import ObjectiveConfig
from unify.config.plan import PlanConfig
from unify.config.run import EngineConfig, EvaluationConfig, RunConfig
from unify.config.tuning import TuningConfig
from unify.config.warm_start import InitConfig, TextRecipe, VideoRecipe
from unify.config.world import WorldConfig


def paper() -> RunConfig:
    """Section 4.1: CC3M and WebVid-2M, ViT-B/16 and BERT-base, batch 512, 10 epochs."""
    return RunConfig(data=DataConfig(root="data", workers=8))


def mini() -> RunConfig:
    """The miniature world on two CPU cores: 12 blocks per stream, a few minutes a run."""
    return RunConfig(
        world=WorldConfig(),
        data=replace(_small_data("data/mini"), decoder="av"),
        model=ModelConfig(
            video=VideoEncoderConfig(
                width=64,
                heads=2,
                mlp_width=256,
                patch_size=12,
                image_size=48,
                temporal_start="zero_projection",
            ),
            text=TextEncoderConfig(width=64, heads=2, mlp_width=256, max_positions=48, dropout=0.0),
            latent=LatentConfig(width=64),
            lexicon=LexiconConfig(
                entries="used",
                text_tokens="exclude_special",
                video_adapter="linear",
                video_bias=2.0,
                head_bias=-3.0,
            ),
        ),
        objective=ObjectiveConfig(flops_ramp=0.5),
        plan=_small_plan(epoch_steps=30),
        init=InitConfig(text="warm_start", video="warm_start"),
        engine=EngineConfig(checkpoint_every=100),
        tuning=_small_tuning(epochs=5, epoch_steps=12),
    )


def smoke() -> RunConfig:
    """A few steps of a tiny model: the same way through the code in seconds."""
    config = mini()
    model = replace(
        config.model,
        video=replace(config.model.video, width=32, mlp_width=64),
        text=replace(config.model.text, width=32, mlp_width=64),
        latent=LatentConfig(width=32),
    )
    return replace(
        config,
        world=WorldConfig(
            nouns=24,
            cc3m_images=64,
            webvid_clips=64,
            msrvtt_train_clips=16,
            msrvtt_val_clips=8,
            msrvtt_test_clips=40,
            labelled_images=64,
            wordings=64,
            cc3m_val_images=8,
            webvid_val_clips=8,
            unseen_style_clips=8,
            didemo_train_videos=16,
            didemo_val_videos=8,
            didemo_test_videos=12,
            lsmdc_train_clips=16,
            lsmdc_val_clips=8,
            lsmdc_test_clips=12,
            msvd_train_clips=16,
            msvd_val_clips=8,
            msvd_test_clips=10,
            msvd_captions=12,
            hmdb51_clips_per_class=3,
            ucf101_clips_per_class=3,
        ),
        data=_small_data("data/smoke"),
        model=model,
        plan=replace(_small_plan(epoch_steps=1), batch_size=8),
        init=replace(
            config.init,
            text_recipe=TextRecipe(steps=8, batch_size=16),
            video_recipe=VideoRecipe(steps=8, batch_size=16),
        ),
        evaluation=EvaluationConfig(batch_size=20, examples=2),
        engine=EngineConfig(checkpoint_every=5, log_every=1),
        tuning=_small_tuning(epochs=2, epoch_steps=1, batch_size=8, held_out=4),
    )


def _small_data(root: str) -> DataConfig:
    return DataConfig(
        root=root,
        image_size=48,
        crop_scale=(0.8, 1.0),
        flip=False,
        mean=(0.85, 0.85, 0.85),
        std=(0.2, 0.2, 0.2),
        max_tokens=40,
    )


def _small_plan(epoch_steps: int) -> PlanConfig:
    return PlanConfig(
        epoch_steps=epoch_steps,
        batch_size=32,
        learning_rate=1e-3,
        head_scale=5.0,
        warmup_epochs=0.5,
        schedule="hold_then_decay",
        weight_decay=0.02,
        betas=(0.9, 0.98),
    )


def _small_tuning(
    epochs: int, epoch_steps: int, batch_size: int = 32, held_out: int = 80
) -> TuningConfig:
    plan = replace(
        _small_plan(epoch_steps),
        epochs=epochs,
        grounding_epochs=0.0,
        batch_size=batch_size,
        learning_rate=3e-4,
    )
    return TuningConfig(plan=plan, held_out=held_out)


PRESETS = {"smoke": smoke, "mini": mini, "paper": paper}
