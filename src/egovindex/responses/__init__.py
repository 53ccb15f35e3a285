"""Filled-in questionnaires: read as they come, without the persons in them."""
