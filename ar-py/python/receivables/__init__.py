"""Accounts receivable as a library: exact, explained, and the same in every language."""

from receivables._native import check_amount, engine_version
from receivables.errors import InputTypeError, Problem, ReceivablesError

__all__ = ["InputTypeError", "Problem", "ReceivablesError", "check_amount", "engine_version"]
__version__ = engine_version()
