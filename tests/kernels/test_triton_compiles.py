"""The Triton kernels compiled for GPUs that need not be there."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

triton = pytest.importorskip("triton")

from triton.backends.compiler import GPUTarget  # noqa: E402
from triton.compiler import ASTSource, CompiledKernel  # noqa: E402

from unify.kernels import triton_backward, triton_forward  # noqa: E402

SHARED = {80: 166_912, 90: 232_448}
"""Bytes of shared memory that a program may have, by compute capability."""

SIZES = dict.fromkeys("BTVD", "i32")


def compiled(
    kernel: triton.JITFunction,
    capability: int,
    types: dict[str, str],
    constants: dict[str, Any],
    **options: int,
) -> CompiledKernel:
    """Compile as for paper sizes: aligned tensors, B and D multiples of 16."""
    aligned = [name for name, kind in types.items() if kind[0] == "*" or name in "BD"]
    hints = {(kernel.arg_names.index(name),): [["tt.divisibility", 16]] for name in aligned}
    signature = types | dict.fromkeys(constants, "constexpr")
    source = ASTSource(kernel, signature, constants, hints)
    options["enable_fp_fusion"] = True
    return triton.compile(source, target=GPUTarget("cuda", capability, 32), options=options)


def forward(config: triton.Config, dtype: str, capability: int, tokens: int) -> CompiledKernel:
    types = {"hidden": f"*{dtype}", "weight": f"*{dtype}", "bias": f"*{dtype}"}
    types |= {"mask": "*i1", "values": "*fp32", "places": "*i32", "LENGTH": "i32"}
    sizes = config.kwargs | {"T": tokens}
    constants = config.kwargs | {"GROUP": triton_forward.GROUP, "PRECISION": "tf32"}
    constants |= {"TAIL": triton_forward.tail(sizes), "SAMPLES": triton_forward.samples(sizes)}
    options = {"num_warps": config.num_warps, "num_stages": config.num_stages}
    kernel = triton_forward._largest.fn.fn
    return compiled(kernel, capability, types | SIZES, constants, **options)


def backward(dtype: str, capability: int) -> list[CompiledKernel]:
    floats, integers = f"*{dtype}", {"num_tokens": "i32", "D": "i32"}
    sorted_entries = {"words": "*i64", "amounts": "*fp32", "weight": floats, "sums": "*fp32"}
    constants = {"ROWS": triton_backward.ROWS, "BLOCK_D": 256}
    chunks = constants | {"CHUNK": triton_backward.CHUNK}
    dense = {"gradient": "*fp32", "places": "*i32", "hidden": floats, "result": floats}
    tokens = {"begins": "*i64", "result": floats, "D": "i32"}
    kernels = [
        (triton_backward._weight_grad, dense | SIZES, constants),
        (triton_backward._chunk_sums, {"tokens": "*i32"} | sorted_entries | integers, chunks),
        (triton_backward._hidden_grad, tokens | sorted_entries, chunks),
    ]
    return [compiled(kernel, capability, *given, num_warps=1) for kernel, *given in kernels]


def stack_bytes(kernel: CompiledKernel, folder: Path) -> int:
    """Bytes of memory that a thread uses in place of registers."""
    binary = folder / "kernel.cubin"
    binary.write_bytes(kernel.asm["cubin"])
    tool = triton.knobs.nvidia.cuobjdump.path
    command = [tool, "--dump-resource-usage", str(binary)]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return max(int(size) for size in re.findall(r"STACK:(\d+)", shown))


def test_the_kernels_compile_without_spills(tmp_path):
    product = forward(triton_forward.HALF[0], "bf16", 90, 785)
    assert "wgmma.mma_async" in product.asm["ptx"], "the tensor cores do the products"
    for kernel in [product, *backward("bf16", 90)]:
        assert kernel.metadata.shared <= SHARED[90]
        assert stack_bytes(kernel, tmp_path) == 0


@pytest.mark.slow
@pytest.mark.parametrize("capability", SHARED)
@pytest.mark.parametrize("tokens", [785, 32])
@pytest.mark.parametrize("dtype", ["bf16", "fp32"])
def test_every_choice_fits_into_shared_memory(dtype, tokens, capability, tmp_path):
    configs = triton_forward.SINGLE if dtype == "fp32" else triton_forward.HALF
    kernels = [forward(config, dtype, capability, tokens) for config in configs]
    for kernel in kernels + backward(dtype, capability):
        assert kernel.metadata.shared <= SHARED[capability]
    without_spills = [kernel for kernel in kernels if stack_bytes(kernel, tmp_path) == 0]
    assert without_spills if capability == 80 else len(without_spills) == len(kernels)
