from datetime import date
from decimal import Decimal

__all__ = ["check_amount", "engine_version"]

def engine_version() -> str:
    """The engine's version."""

def check_amount(amount: Decimal | int | str, currency: str, on: date | str) -> Decimal:
    """The amount at the scale of its currency, or a refusal."""
