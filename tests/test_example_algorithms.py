"""The example of solvers of one's own: their answers by other means, on many draws."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pytest
from scipy.sparse.csgraph import dijkstra
from shipped import ROOT, dice, reference_solutions

from generator.bank.problem import Exam
from generator.bank.read.exam import load_exam
from generator.draw.draw import draw_problem
from generator.pipeline.twice import check_twice
from generator.solve.solve import solve_problem

COPIES = 60


@pytest.fixture(scope="module")
def exam() -> Exam:
    return load_exam(ROOT / "bank/examples/algorithms/exam.yaml", ROOT / "latex" / "figures")


def values(exam: Exam, problem_id: str) -> Iterator[Mapping[str, Any]]:
    """What was drawn and computed for the reference copy and for many others."""
    yield reference_solutions(exam)[problem_id].values
    (problem,) = [it for it in exam.problems if it.id == problem_id]
    for number in range(COPIES):
        draw = draw_problem(problem, dice(exam, f"E{number:04d}", problem.id))
        yield solve_problem(problem, draw).values


def test_sorting_is_a_prefix_sorted_and_the_rest_untouched(exam: Exam) -> None:
    for found in values(exam, "1"):
        data, trace = found["numbers"], found["trace"]
        assert len(trace) == len(data) - 1
        for done, row in enumerate(trace, start=2):
            assert row == (*sorted(data[:done]), *data[done:])
        inversions = sum(first > second for first, second in combinations(data, 2))
        assert found["shifts"] == found["moved"] == inversions


def test_paths_are_those_of_scipy(exam: Exam) -> None:
    for found in values(exam, "2"):
        nodes = sorted({end for edge in found["graph"] for end in edge[:2]})
        weights = np.zeros((len(nodes), len(nodes)))
        for first, second, weight in found["graph"]:
            weights[nodes.index(first), nodes.index(second)] = float(weight)
        distances = dijkstra(weights, directed=False, indices=nodes.index(found["start"]))
        far = dict(zip(nodes, distances, strict=True))
        assert [float(it) for it in found["rows"][-1][1:]] == list(distances)
        assert found["length"] == far["F"]
        assert [far[it] for it in found["order"]] == sorted(distances)
        assert found["rows"][0] == ("settled", *nodes)
        path = found["path"]
        assert (path[0], path[-1]) == (found["start"], "F")
        steps = [(nodes.index(one), nodes.index(two)) for one, two in pairwise(path)]
        assert sum(weights[min(it), max(it)] for it in steps) == far["F"]
        # A distance that is written down never grows, and that of a settled node is the last.
        for number, column in enumerate(zip(*found["rows"][1:], strict=True)):
            if number:
                known = [float(it) for it in column if it != "--"]
                assert known == sorted(known, reverse=True)


def test_every_key_is_found_where_probing_looks_for_it(exam: Exam) -> None:
    for found in values(exam, "3"):
        size = int(found["size"])
        places, table = found["table"]
        assert places == tuple(range(size))
        assert sorted(it for it in table if it != "--") == sorted(found["keys"])
        for key, looked in zip(found["keys"], found["probes"], strict=True):
            seen = [(int(key) + step) % size for step in range(int(looked))]
            assert table[seen[-1]] == key
            # Those who were there before have the places that were looked at in vain.
            earlier = found["keys"][: found["keys"].index(key)]
            assert all(table[place] in earlier for place in seen[:-1])
        assert found["looked"] == sum(found["probes"])


def test_another_run_of_python_gives_the_same(exam: Exam) -> None:
    assert sorted(exam.plugins) == [
        f"plugins/{name}.py" for name in ("dijkstra", "hash_table", "insertion_sort")
    ]
    check_twice(exam)
