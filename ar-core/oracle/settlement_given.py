"""Words about what was granted (docs/specification.md 7)."""

DISCOUNTS = ("discount", "discount_tax")


def is_credit_note_for(credit, document):
    return credit["kind"] == "credit_note" and credit.get("related") == document["id"]
