"""Insertion sort: the list after each insertion, and the work that it took."""

from collections.abc import Mapping
from typing import Any

from generator import Value, solver


@solver("insertion_sort", uses=("numbers",), gives=("trace", "shifts"))
def insertion_sort(values: Mapping[str, Value]) -> Mapping[str, Any]:
    """``trace`` has a row for each insertion; ``shifts`` counts the places that numbers moved."""
    row = list(values["numbers"])
    trace, shifts = [], 0
    for end in range(1, len(row)):
        place = end
        while place > 0 and row[place - 1] > row[place]:
            row[place - 1], row[place] = row[place], row[place - 1]
            place -= 1
            shifts += 1
        trace.append(list(row))
    return {"trace": trace, "shifts": shifts}
