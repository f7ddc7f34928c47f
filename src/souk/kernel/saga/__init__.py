"""Sagas: several services' work that is either done as a whole or undone as a whole."""

from __future__ import annotations

from souk.kernel.saga.saga import Saga
from souk.kernel.saga.steps import AtOnce, Outcome, Parked, Step

__all__ = ["AtOnce", "Outcome", "Parked", "Saga", "Step"]
