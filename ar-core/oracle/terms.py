"""Due dates and schedules of terms (docs/terms.md)."""


def of_document(settings, code, row):
    raise NotImplementedError("terms")
