"""Files shipped with the package: sprites, the nouns that name them, BERT's vocabulary."""
