"""The miniature world: clips, images and captions, drawn into the real corpora's layouts."""

from unify.data.miniature.world import ensure_world, make_world, verify_world

__all__ = ["ensure_world", "make_world", "verify_world"]
