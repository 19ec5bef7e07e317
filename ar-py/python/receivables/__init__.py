"""Accounts receivable as a library: exact, explained, and the same in every language."""

from receivables import columns
from receivables._native import engine_version
from receivables.errors import InputTypeError, Problem, ReceivablesError
from receivables.imports import ImportReport, append_files, import_files, import_text
from receivables.ledger import Aging, Ledger, Proposal, View
from receivables.policies import AgingPolicy, AllocationPolicy, Settings, profile, profiles, schema, schemas
from receivables.reports import (
    AgingItem,
    AgingRow,
    DateStep,
    Difference,
    DueInstalment,
    ExplainedInstalment,
    MadeBy,
    Match,
    OpenItem,
    PendingFact,
    PendingReceipts,
    ProposalLine,
    UnappliedCredit,
    YearFraction,
)
from receivables.tables import Listing
from receivables.tools import business_day, day_count, due_dates, explain_due_dates, money, split

__all__ = [
    "Aging",
    "AgingItem",
    "AgingPolicy",
    "AgingRow",
    "AllocationPolicy",
    "DateStep",
    "Difference",
    "DueInstalment",
    "ExplainedInstalment",
    "ImportReport",
    "InputTypeError",
    "Ledger",
    "Listing",
    "MadeBy",
    "Match",
    "OpenItem",
    "PendingFact",
    "PendingReceipts",
    "Problem",
    "Proposal",
    "ProposalLine",
    "ReceivablesError",
    "Settings",
    "UnappliedCredit",
    "View",
    "YearFraction",
    "append_files",
    "business_day",
    "columns",
    "day_count",
    "due_dates",
    "engine_version",
    "explain_due_dates",
    "import_files",
    "import_text",
    "money",
    "profile",
    "profiles",
    "schema",
    "schemas",
    "split",
]
__version__ = engine_version()
