"""UNIFY: latent and lexicon representations for video-text retrieval."""
