"""Training: plan, engine, loop, checkpoints."""
