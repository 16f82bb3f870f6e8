"""A corpus in a form that loads fast: small clips with many key frames, or JPEG frames.

The copy has the layout of the original, so that the same readers find it.
"""
