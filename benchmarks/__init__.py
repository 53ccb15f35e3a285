"""Speed and memory against the NumPy floor or a peer, both in the same run, told as ratios."""
