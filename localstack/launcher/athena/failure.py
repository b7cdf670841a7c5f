"""A statement that Athena refuses; the message begins with Athena's own error name."""


class QueryFailure(ValueError):
    """Ends the query as FAILED with this reason."""
