"""Instagram: the Graph API, for professional accounts of others and for everything of those whose owners let us in."""
