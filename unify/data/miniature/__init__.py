"""The miniature world: clips, images and captions drawn on the fly in the real corpora's layouts."""

from unify.data.miniature.world import ensure_world, make_world, verify_world

__all__ = ["ensure_world", "make_world", "verify_world"]
