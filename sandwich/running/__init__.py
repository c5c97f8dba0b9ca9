"""The parts of a running installation: what each does, and the one that keeps them all going."""
