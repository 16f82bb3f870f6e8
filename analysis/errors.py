"""What the analysis cannot do, in a line."""


class AnalysisError(ValueError):
    """Nothing can be shown; the message is one line that says what to do."""
