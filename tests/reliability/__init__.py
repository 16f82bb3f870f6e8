"""Faults that are tried on real processes; each module here registers some (`registry.FAULTS`)."""
