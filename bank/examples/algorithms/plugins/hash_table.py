"""Open addressing: where keys come to stand in a hash table."""

from collections.abc import Mapping
from typing import Any

from generator import Value, solver, whole


@solver("linear_probing", uses=("keys", "factor", "size"), gives=("table", "probes"))
def linear_probing(values: Mapping[str, Value]) -> Mapping[str, Any]:
    """Puts keys into a table by ``h(k) = factor k mod size`` and linear probing.

    ``table`` has the key at each place, or -- where it is free; ``probes`` are the places that
    were looked at for each key, the last one included.
    """
    factor, size = whole(values["factor"]), whole(values["size"])
    table: list[Any] = ["--"] * size
    probes = []
    for key in values["keys"]:
        place, looked = factor * whole(key) % size, 1
        while table[place] != "--":
            place, looked = (place + 1) % size, looked + 1
        table[place] = key
        probes.append(looked)
    return {"table": table, "probes": probes}
