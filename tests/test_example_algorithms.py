"""The example of algorithms: its answers by other means, on many draws."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout
from itertools import combinations, islice, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from example_build import build_example, built_copies
from scipy.sparse.csgraph import dijkstra
from shipped import ROOT, dice, reference_solutions

from generator.bank.exam import Exam
from generator.bank.read.exam_file import load_exam
from generator.draw.draw import draw_problem
from generator.pipeline.twice import check_twice
from generator.solve.solve import solve_problem

COPIES = 60
FOLDER = ROOT / "bank/examples/algorithms"


@pytest.fixture(scope="module")
def exam() -> Exam:
    return load_exam(FOLDER / "exam.yaml", ROOT / "latex" / "figures")


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


def far(nodes: list[str], edges: Mapping[frozenset[str], float], start: str) -> list[float]:
    weights = np.zeros((len(nodes), len(nodes)))
    for ends, weight in edges.items():
        weights[tuple(map(nodes.index, sorted(ends)))] = weight
    return list(dijkstra(weights, directed=False, indices=nodes.index(start)))


def test_the_tree_is_the_only_one_of_shortest_paths(exam: Exam) -> None:
    for found in islice(values(exam, "2"), 15):
        graph = {frozenset(map(str, it[:2])): float(it[2]) for it in found["graph"]}
        nodes = sorted(set().union(*graph))
        wanted = far(nodes, graph, found["start"])
        # Of all choices of five of the eight edges, those in which every node is as far.
        trees = [
            set(edges)
            for edges in combinations(graph, len(nodes) - 1)
            if far(nodes, {edge: graph[edge] for edge in edges}, found["start"]) == wanted
        ]
        assert trees == [{frozenset(map(str, it)) for it in found["tree"]}]


def test_every_key_is_found_where_probing_looks_for_it(exam: Exam) -> None:
    for found in values(exam, "3"):
        size, factor, table = 11, int(found["factor"]), found["table"]
        assert len(table) == size
        assert sorted(it for it in table if it != "--") == sorted(found["keys"])
        for key, looked in zip(found["keys"], found["probes"], strict=True):
            seen = [(factor * int(key) + step) % size for step in range(int(looked))]
            assert table[seen[-1]] == key
            # Those who were there before have the places that were looked at in vain.
            earlier = found["keys"][: found["keys"].index(key)]
            assert all(table[place] in earlier for place in seen[:-1])
        assert found["looked"] == sum(found["probes"])


def test_digits_are_those_of_python(exam: Exam) -> None:
    for found in values(exam, "4"):
        assert str(found["binary"]) == f"{int(found['n']):b}"
        assert str(found["hexadecimal"]) == f"{int(found['n']):X}"
        assert int(found["decimal"]) == int("".join(map(str, found["octal"])), 8)


def test_programs_print_what_the_key_says(exam: Exam) -> None:
    recursive, loop = yaml.safe_load((FOLDER / "problem-5.yaml").read_text())["parts"]
    gaps = {name: gap["is"][len(r"\texttt{") : -1] for name, gap in loop["gaps"].items()}
    for found in values(exam, "5"):
        told = io.StringIO()
        counted: list[Any] = []
        with redirect_stdout(told):
            program = with_values(recursive["code"]["text"], found)
            exec(
                program.replace("    if n <", "    counted.append(n)\n    if n <"),
                {"counted": counted},
            )
            exec(with_values(loop["code"]["text"], found, gaps), {})
        assert told.getvalue().split() == [str(found["printed"])] * 2
        assert len(counted) == found["calls"]


def with_values(text: str, found: Mapping[str, Any], gaps: Mapping[str, str] | None = None) -> str:
    for name, gap in (gaps or {}).items():
        text = text.replace(f"<< gap.{name} >>", gap)
    return re.sub(r"<< (\w+) >>", lambda name: str(found[name[1]]), text)


def test_statements_are_true_where_counting_says_so(exam: Exam) -> None:
    problem = next(it for it in exam.problems if it.id == "6")
    seen = set()
    for number in range(COPIES):
        solution = solve_problem(problem, draw_problem(problem, dice(exam, f"E{number:04d}", "6")))
        given: Any = solution.values
        truths = {
            "Binary search": comparisons(2 ** int(given["power"])) <= given["looks"],
            "complete": len(list(combinations(range(int(given["count"])), 2))) == given["pairs"],
        }
        said = {it.say.source: it.correct for it in solution.options["6.1"]}
        for word, truth in truths.items():
            assert next(said[say] for say in said if word in say) == truth, given
        seen.add(tuple(truths.values()))
    assert len(seen) == 4


def comparisons(count: int) -> int:
    """The most comparisons with which a number is found among so many, or is found missing."""
    return 0 if count == 0 else 1 + comparisons(count - 1 - (count - 1) // 2)


def test_papers_ask_and_keys_answer(tmp_path: Path) -> None:
    for copy in built_copies(build_example(FOLDER, tmp_path)):
        for pages in (copy.paper, copy.key):
            titles = ("Working instructions", "Insertion sort", "Shortest paths", "Hashing")
            assert all(title in page for title, page in zip(titles, pages, strict=False))
            assert "Bases of numbers" in pages[3]
            assert "def f(n):" in pages[4]
            assert "True or false?" in pages[5]
            assert f"Page {len(copy.paper)} of {len(copy.paper)}" in pages[len(copy.paper) - 1]
        assert [pages[2] for pages in copy.thick] == [0, 5]
        _, paths, hashing, *_ = copy.problems
        # Question and canvas both show each weight once.
        weights = [edge[2] for edge in paths["parts"][0]["given"]["graph"]]
        for pages in (copy.paper, copy.key):
            shown = Counter(re.findall(r"\d+", pages[2]))
            assert all(shown[weight] >= 2 * weights.count(weight) for weight in weights)
        keys = [it for it in hashing["parts"][0]["answers"]["table"] if it != "--"]
        for pages, times in ((copy.paper, 1), (copy.key, 2)):
            shown = Counter(re.findall(r"\d+", pages[3].partition("3.2")[0]))
            assert all(shown[key] - (key == "11") >= times for key in keys)


def test_another_run_of_python_gives_the_same(exam: Exam) -> None:
    assert sorted(exam.plugins) == [
        f"plugins/{name}.py" for name in ("dijkstra", "hash_table", "insertion_sort")
    ]
    check_twice(exam)
