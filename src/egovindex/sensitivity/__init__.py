"""How sure a ranking is: doubts, draws of them, and which doubt matters.

A :class:`~egovindex.sensitivity.doubt.Doubt` says what could have been chosen otherwise, and by which law. Against
an index and its data it becomes *factors*; a draw is one setting of all factors, and goes through the same evaluator
as the published score.
"""
