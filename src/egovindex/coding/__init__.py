"""Answers to categories: rules, coders, agreement, settling."""
