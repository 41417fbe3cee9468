"""The parts of `Benchmarks/run`: each measures something and returns what goes into the report."""
