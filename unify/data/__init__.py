"""From corpora on disk to batches of frames and tokens."""
