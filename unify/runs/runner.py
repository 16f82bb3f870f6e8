"""One run from its directory, in whatever processes it was started."""

from unify.attempts import Claim
from unify.interruption import at_once
from unify.records import RunDirectory
from unify.training.device import choose_device


def run(directory: RunDirectory, claim: Claim | None = None, *, device: str = "auto") -> None:
    """Do all that the directory's config asks for; `result.json` comes last.

    Works alone or as one of several processes (torchrun, SLURM). Rank 0 gives the `claim` that it
    has on the directory, the others none. Within `interruption.listening`, a signal to any of them
    ends them all.

    Raises:
        Interrupted: in all processes, where any was asked to stop; called again, the run goes on.
        ClaimLost: in all processes, where another one has taken the run over.
        ValueError: on a config, corpus or checkpoint that cannot be used.
        TrainingError: if the loss or its gradient is not finite.
        PeerFailed: if another process of the run has failed or was killed.
        OSError: if something cannot be written.
    """
    chosen = choose_device(device)
    with at_once():
        # DeepSpeed fixes its accelerator on import: only now is it known.
        from unify.runs.phases import run_phases

    run_phases(directory, chosen, claim)
