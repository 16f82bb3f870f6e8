"""A finished training's model."""

from unify.config import FineTuneConfig, RunConfig
from unify.records import RunDirectory
from unify.systems.unify import Unify
from unify.systems.weights import read_weights


def load_model(directory: RunDirectory) -> Unify:
    """The trained model of a run, in eval mode.

    Raises:
        ValueError: if the run has no `model.safetensors`, or is no training of UNIFY.
    """
    config = directory.config()
    if not isinstance(config, RunConfig | FineTuneConfig):
        raise ValueError(f"{directory.path} is no training of UNIFY; give the directory of one")
    if not directory.model_path.exists():
        raise ValueError(f"{directory.model_path} is missing; finish the run first")
    state, _ = read_weights(directory.model_path)
    model = Unify(config.model, state["text.embeddings.vocabulary.ids"].tolist())
    model.load_state_dict(state)
    return model.eval()
