"""A run from its directory to its result: data, training, evaluation."""
