"""stir: an analytics warehouse for the creator economy."""

__version__ = "0.2.0"
