"""DeepSpeed: one engine per run, and two-stage training that equals plain PyTorch under ZeRO-2."""

import deepspeed
import torch
from torch import Tensor, nn

from unify.config import EngineConfig, PlanConfig
from unify.training.distributed import world_size

BUCKET = 50_000_000
"""Gradients reduced at once; DeepSpeed's own 500 million take 2 GB whatever the model's size."""


def make_engine(
    objective: nn.Module, groups: list[dict], plan: PlanConfig, config: EngineConfig
) -> deepspeed.DeepSpeedEngine:
    """Wrap an objective whose weights are loaded: later loading would miss ZeRO's own copies.

    Args:
        objective: called as `objective(batch, step) -> (loss, report)`.
        groups: from `parameter_groups`.
        plan: batch size, optimiser and clipping.
        config: ZeRO stage.

    Raises:
        ValueError: if the batch does not divide over the processes.
    """
    if plan.batch_size % world_size():
        raise ValueError(
            f"plan.batch_size={plan.batch_size} does not divide over {world_size()} processes; "
            "choose a multiple"
        )
    adamw = torch.optim.AdamW(groups, lr=plan.learning_rate, betas=plan.betas, fused=True)
    engine, *_ = deepspeed.initialize(
        model=objective, optimizer=adamw, config=deepspeed_config(plan, config)
    )
    return engine


def deepspeed_config(plan: PlanConfig, config: EngineConfig) -> dict:
    """DeepSpeed's own settings."""
    return {
        "train_batch_size": plan.batch_size,
        "train_micro_batch_size_per_gpu": plan.batch_size // world_size(),
        "gradient_accumulation_steps": 1,
        "gradient_clipping": plan.clip_norm,
        "zero_optimization": {"stage": config.zero_stage, "reduce_bucket_size": BUCKET},
        "zero_allow_untested_optimizer": True,
        "steps_per_print": 10**9,
    }


def set_learning_rate(engine: deepspeed.DeepSpeedEngine, rate: float, *, grounding: bool) -> None:
    """Set every group's rate for a step; in stage 1 the grounded groups stand still at 0."""
    for group in engine.optimizer.param_groups:
        frozen = grounding and group["grounded"]
        group["lr"] = 0.0 if frozen else rate * group["scale"]


def take_step(engine: deepspeed.DeepSpeedEngine, loss: Tensor) -> float:
    """Backward and one step of the optimiser.

    Returns:
        The norm of the gradient of all processes, before clipping; not finite where the gradient is
        not. ZeRO then leaves the weights as they are and says nothing; without ZeRO they are lost.
    """
    engine.backward(loss)
    if engine.zero_optimization_stage() == 0:
        gradients = [p.grad for p in engine.module.parameters() if p.grad is not None]
        norm = float(torch.nn.utils.get_total_norm(gradients))
        engine.step()
        return norm
    engine.step()
    return float(engine.get_global_grad_norm())


def forget_grounded(engine: deepspeed.DeepSpeedEngine) -> None:
    """Give the grounded groups a fresh AdamW state, as parameters that start to train now have.

    ZeRO keeps one flat partition per group, and its AdamW counted steps all through stage 1.
    """
    inner = getattr(engine.optimizer, "optimizer", engine.optimizer)
    for group in inner.param_groups:
        if group["grounded"]:
            for parameter in group["params"]:
                for value in inner.state[parameter].values():
                    value.zero_()
