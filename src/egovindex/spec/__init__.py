"""What is asked and how it is scored: frozen models, a strict reader, checks named after the fault."""
