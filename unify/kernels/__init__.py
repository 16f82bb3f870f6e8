"""The lexicon head's heavy operation."""

from unify.kernels.lexicon_pool import lexicon_pool

__all__ = ["lexicon_pool"]
