"""Where jobs run: executors on submitit and a pool of local processes; knows nothing of UNIFY."""
