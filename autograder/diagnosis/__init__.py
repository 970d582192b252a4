"""From a wrong number to the likely mistake; read the files in this order.

``diagnose`` asks the others in turn: what shows without a search (``behaviour``: when
and where an answer is wrong; ``hypotheses``: the truth with a factor, or cut;
``other_arguments``: the truth at other arguments; ``misplaced``: right numbers in the
wrong place), then ``search``, which makes the ``slips`` one by one in the worked
solution and runs it beside the student's numbers (``trial``), ``other_cases``, which
holds what explains one case against the others, and ``naming``, which says when a slip
found so may be called by a listed mistake's name.  What no slip explains is told by
``one_size``, ``unseen`` and ``patterns``.  ``wording`` and ``questions`` put it in
words that the student can know; ``smallest`` finds the case that can be redone on
paper.
"""

from autograder.diagnosis.diagnose import Evidence, Explanation, explain

__all__ = ["Evidence", "Explanation", "explain"]
