"""Gradient descent, step by step: exercises that name the mistake, and live panels."""
