"""A finished training's weights and model."""

from torch import Tensor

from unify.checksum import Checksum
from unify.config import FineTuneConfig, RunConfig
from unify.records import RunDirectory
from unify.systems.unify import Unify
from unify.systems.weights import read_weights


def load_model(directory: RunDirectory) -> Unify:
    """The trained model of a run, in eval mode.

    Raises:
        ValueError: if the run has no `model.safetensors`, or is no training of UNIFY, or if the
            weights are not those that its result tells of.
    """
    config = directory.config()
    if not isinstance(config, RunConfig | FineTuneConfig):
        raise ValueError(f"{directory.path} is no training of UNIFY; give the directory of one")
    state, _ = weights_of(directory)
    model = Unify(config.model, state["text.embeddings.vocabulary.ids"].tolist())
    model.load_state_dict(state)
    return model.eval()


def weights_of(directory: RunDirectory) -> tuple[dict[str, Tensor], list[int] | None]:
    """What `read_weights` makes of a run's weights, once they are known to be undamaged."""
    path = directory.model_path
    if not path.exists():
        raise ValueError(f"{path} is missing; finish the run first")
    expected = directory.result().get("weights") if directory.result_path.exists() else None
    if expected is not None:
        try:
            Checksum.of_record(expected).check(path)
        except ValueError as error:
            raise ValueError(
                f"{path} is damaged ({error}); delete it and run the sweep again"
            ) from error
    return read_weights(path)
