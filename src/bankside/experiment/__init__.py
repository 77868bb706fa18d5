"""Many runs: points, sweeps, stores, workers."""
