"""A process that runs the Triton kernels: on a GPU where there is one, else in the interpreter.

Triton decides to interpret when its own functions are imported, so this needs a process of its
own. New memory is filled with NaN there: an entry that no kernel writes is seen.
"""

import os
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import torch
from torch import Tensor
from torch.utils import _pytree

from unify.kernels import by_triton
from unify.kernels.largest_scores import largest_scores

CUDA = torch.cuda.is_available() and torch.cuda.get_device_capability() >= (8, 0)


def kernel_process() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_start)


def _start() -> None:
    assert "triton" not in sys.modules, "only running a kernel may import triton"
    if not CUDA:
        os.environ["TRITON_INTERPRET"] = "1"
        _let_bfloat16_be_multiplied()
    torch.set_deterministic_debug_mode("error")
    assert torch.empty(9).isnan().all()


def _let_bfloat16_be_multiplied() -> None:
    """The interpreter would multiply the bits of bfloat16 (triton-lang/triton issue 11584)."""
    import triton.language as tl
    from triton.runtime.interpreter import InterpreterBuilder

    multiply = InterpreterBuilder.create_dot

    def create_dot(self: InterpreterBuilder, left: Any, right: Any, *rest: Any) -> Any:
        sides = (
            self.cast_impl(x, tl.float32) if x.dtype == tl.bfloat16 else x for x in (left, right)
        )
        return multiply(self, *sides, *rest)

    InterpreterBuilder.create_dot = create_dot


def call(name: str, *arguments: Any) -> Any:
    """Run a function of `unify.kernels.by_triton`, or `op`, with tensors of the CPU."""
    device = "cuda" if CUDA else "cpu"
    arguments = _pytree.tree_map_only(Tensor, lambda x: x.to(device), arguments)
    found = (op if name == "op" else getattr(by_triton, name))(*arguments)
    return _pytree.tree_map_only(Tensor, lambda x: x.detach().cpu(), found)


def op(hidden: Tensor, weight: Tensor, bias: Tensor, mask: Tensor, upstream: Tensor) -> Any:
    """Values of the operation as `lexicon_pool` calls it, and its gradients."""
    leaves = [tensor.requires_grad_() for tensor in (hidden, weight, bias)]
    values = largest_scores(*leaves, mask, "triton")
    return values, torch.autograd.grad(values, leaves, upstream)
