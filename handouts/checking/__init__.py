"""Checks of a text before it is printed."""
