"""Surefoot: no step is taken that has not been proven, and every step can be taken back."""

__version__ = "0.1.0"
