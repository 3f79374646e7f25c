"""stir: an analytics warehouse for the creator economy."""

__version__ = "0.1.0"
