"""Interest and compensation of a claim (docs/specification.md 8). Until that page is written, no policy has them."""

from policy import bad


def policy(raw):
    bad(None)


def accrue(view, policy, item, start, end):
    """Minor units of interest on an open item between two days, disputed parts left out."""
    raise NotImplementedError


def compensation(view, policy, item):
    """Minor units of the fixed compensation of a claim."""
    raise NotImplementedError
