"""What is run: the registry of sweeps and the commands that run them."""
