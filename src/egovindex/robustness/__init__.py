"""How sure a ranking is: exact answers about weights, points and missing answers, and what would change a rank."""
