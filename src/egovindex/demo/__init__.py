"""What a newcomer sees first: an index rebuilt, a score explained, answers scored by two rules."""
