"""What a newcomer sees first: an index rebuilt, a score explained, answers under two rules, how sure the ranks are."""
