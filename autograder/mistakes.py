"""The catalogue of known mistakes: what each is called and what a tutor would ask."""

from __future__ import annotations

MISTAKES: dict[str, tuple[str, str]] = {
    "M01": (
        "slope taken at the wrong point",
        "Which value does this box receive in the forward pass?",
    ),
    "M04": (
        "factors added along one path",
        "Along one path, do effects multiply or add? Nudge the input and see.",
    ),
    "M05": ("power rule slip", "What does (u + e)^2 - u^2 look like when e is tiny?"),
    "M08": (
        "a value in the place of a derivative",
        "Does this number say how large something is, or how it changes?",
    ),
    "M09": (
        "one factor multiplied in twice",
        "List the boxes between the loss and this weight. Is one of them in your"
        " product twice?",
    ),
    "M12": (
        "only one path counted",
        "How many arrows leave this node? Does each leave a mark on the gradient?",
    ),
    "M14": (
        "a product passing on its own operand",
        "c = a b. If only a moves, what is its nudge multiplied by?",
    ),
    "M16": ("root not seeded with 1", "What is dL/dL?"),
    "M17": (
        "what arrives from above is missing",
        "This is the slope of one box. Who says how much the loss cares about it?",
    ),
    "M19": (
        "something remembered between calls",
        "Run your cell twice. Why is the second answer different?",
    ),
    "M20": (
        "opposite sign",
        "If the prediction is too large, should this gradient push it up or down?",
    ),
    "M22": ("missing factor 2", "Does the loss in this exercise carry a 1/2?"),
    "M23": ("extra factor 2", "Does the loss in this exercise carry a 1/2?"),
    "M24": (
        "missing 1/N",
        "Copy every example once more. Should the gradient change? Does yours?",
    ),
    "M26": (
        "one 1/N too many",
        "Is this loss a sum or a mean? And how many 1/N does one weight meet in your"
        " code?",
    ),
    "M29": (
        "hidden slope dropped",
        "The error has crossed the weights. What does it cross before it reaches"
        " the scores?",
    ),
    "M31": (
        "a slope where there is none",
        "Which activation stands here? Has the loss already dealt with it?",
    ),
    "M32": (
        "output formula fed with the score",
        "A slope formula written with the output wants the output, not the score. What"
        " did you put in?",
    ),
    "M34": (
        "incomplete slope",
        "Differentiate the activation once more. How many factors come out?",
    ),
    "M36": ("slope of another activation", "Which activation made this value?"),
    "M37": (
        "slope or mask taken at the gradient",
        "What decides whether this unit was on: the forward value, or the message"
        " coming back?",
    ),
    "M39": (
        "wrong branch of the max",
        "Pick one unit that was on. What does your code send through it?",
    ),
    "M40": (
        "kink ignored",
        "On which side of the kink does each entry lie, and what is the slope there?",
    ),
    "M44": (
        "result transposed",
        "Which shape must this gradient have? What does one row of it belong to?",
    ),
    "M45": (
        "operand not transposed (or transposed too often)",
        "Write one entry of the result as a sum. Over which letter does it run, and do"
        " the two factors meet there?",
    ),
    "M46": (
        "another product stands where this one belongs",
        "Write one entry of the result. Over which letter is it summed, and which"
        " letters stay?",
    ),
    "M48": (
        "wrong layer's values",
        "Which values met these weights in the forward pass?",
    ),
    "M50": (
        "error sent back without the weights",
        "Do all connections carry the blame equally?",
    ),
    "M52": (
        "summed over the wrong axis",
        "One bias serves all examples. Which axis disappears?",
    ),
    "M53": (
        "summed too far",
        "How many entries has this parameter? How many numbers did you return?",
    ),
    "M56": ("dimension kept", "Which shape has the parameter?"),
    "M58": (
        "accidental broadcasting",
        "Print the shape of the difference. How many numbers should it have?",
    ),
    "M59": (
        "one example stands for all",
        "Change the last example. Does your gradient notice?",
    ),
    "M65": ("bias enters wrongly", "How often does b enter one unit's sum?"),
    "M66": (
        "p (1 - p) on top of p - y",
        "p - y is already the derivative with respect to what?",
    ),
    "M68": (
        "target dropped or misapplied",
        "To what does each row of dZ sum? Does yours?",
    ),
    "M70": ("normalised over the wrong axis", "What should each row sum to?"),
    "M71": ("no shift before exp", "Try scores of 1000. What is e^1000 to a computer?"),
    "M73": (
        "log 0, 0/0 or infinity over infinity",
        "Where can this denominator or logarithm meet a zero, or an exp that is too"
        " large?",
    ),
    "M76": (
        "minus of the loss missing",
        "Should the loss grow or shrink as p of the true class grows?",
    ),
    "M79": (
        "weights stepped before the error went back",
        "Which weights made this loss: before or after your update?",
    ),
    "M80": (
        "the caller's arrays changed",
        "Print your inputs after the call. Are they still what they were?",
    ),
    "M82": ("whole-number buffer", "What is the dtype of the array you write into?"),
    "M84": (
        "a size or constant written into the code",
        "Change the batch size (or the rate) and run again.",
    ),
    "M86": (
        "right numbers in the wrong place, or one missing",
        "Did you compute it? Then where did you put it?",
    ),
    "M88": (
        "the penalty's gradient forgotten",
        "Two things depend on w. You followed one.",
    ),
    "M89": (
        "penalty with the wrong factor",
        "Is there a 1/2 in front of lambda? Is the penalty averaged?",
    ),
    "M91": (
        "step uphill",
        "Does what you add point up or down? (A classic delta carries the minus"
        " already.)",
    ),
    "M93": (
        "update computed but lost",
        "Did the new value reach the place you return?",
    ),
    "M96": (
        "Adam without bias correction",
        "How large is m after the very first gradient?",
    ),
    "M97": (
        "Adam with the wrong correction",
        "What does the correction become after a thousand steps?",
    ),
    "M102": (
        "Adam's second moment wrong",
        "Scale all gradients by 10. Should Adam's step change?",
    ),
    "M103": (
        "the optimiser's memory lost or shared",
        "What must survive from one call to the next, and for whom?",
    ),
}


def tutor(mistake: str) -> str:
    """The sentence shown for a known mistake: its name, then the question.

    >>> tutor("M16")
    'Likely: root not seeded with 1. What is dL/dL?'
    """
    name, question = MISTAKES[mistake]
    return f"Likely: {name}. {question}"
