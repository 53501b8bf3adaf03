"""Numba kernels that several floors share."""
