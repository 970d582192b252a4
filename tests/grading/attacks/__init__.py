"""The attacks of ``rows.txt`` that are cells of a notebook, and some of our own.

An attack's name begins with the number of its row, if it has one.  Attacks that are
files, archives or frames are tests of their own, marked ``attack(row, ...)``.
"""

from __future__ import annotations

from pathlib import Path

from tests.grading.attacks.attack import Attack
from tests.grading.attacks.faults import FAULTS
from tests.grading.attacks.inventive import INVENTIVE
from tests.grading.attacks.reaching_out import REACHING_OUT
from tests.grading.attacks.tampering import TAMPERING

ATTACKS: dict[str, Attack] = {
    attack.name: attack for attack in (*TAMPERING, *FAULTS, *REACHING_OUT, *INVENTIVE)
}
ROWS: dict[int, str] = {
    int(number): words
    for number, words in (
        line.split(" ", 1)
        for line in Path(__file__).with_name("rows.txt").read_text().splitlines()
    )
}
