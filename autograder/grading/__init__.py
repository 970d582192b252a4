"""Trusted grading of untrusted notebooks.

Everything in ``inside`` runs in the worker, next to student code, and knows no answer;
everything else runs in the trusted process and never runs, imports or unpickles
anything that a student wrote.
"""
