"""The template of key cards: everything on them that is the same in all copies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from pylatex import Command

from generator.bank.exam import Exam
from generator.codes.check_character import with_check
from generator.compose.latex import command, sequence, tex
from generator.compose.notes import noted
from generator.compose.page_template import dumps
from generator.correct.card import Card, CardPlan, PartOfCard, Question
from generator.language.catalogue import Catalogue

WIDE = 4
"""The columns that a text takes at least."""
LONG = 100
"""Characters of a text that is worth a form. Viewers part words of a page that is left with few."""
MOST_SHARED = 1000
"""So many parts that cards have in common are kept in TeX's memory while a run lasts."""


def card_template(plan: CardPlan, pages: Mapping[str, int]) -> str:
    """Questions and the order in which they stand, as TeX.

    Args:
        pages: Part to its page in the key; of a part that is not in it no page is named.
    """
    catalogue = plan.exam.conventions.catalogue
    commands = [command("CardName", catalogue.text("card.title"), catalogue.text("key.badge"))]
    for questions in plan.questions.values():
        for question in questions:
            name = tex(question.name)
            body = sequence([_question(catalogue, question)])
            commands.append(command("DefineNotes", name, sequence(_notes(catalogue, question))))
            commands.append(command("DefineQuestion", name, body))
    commands.append(command("CardBody", sequence(_body(plan, pages))))
    return dumps(commands)


def _body(plan: CardPlan, pages: Mapping[str, int]) -> Iterator[Command]:
    for problem in plan.exam.problems:
        choices = [part.id for part in problem.parts if part.option_count]
        if choices:
            yield command("CardChoices", sequence(command("CardChoice", it) for it in choices))
        for part in dict.fromkeys(it.part.id for it in plan.questions[problem.id]):
            yield command("CardQuestion", part)
    if plan.elsewhere:
        say = plan.exam.conventions.catalogue.text
        listed = ", ".join(
            say("card.on_page", part=part, page=pages[part]) if part in pages else part
            for part in plan.elsewhere
        )
        text = say("card.elsewhere", parts=listed)
        yield command("CardLongElsewhere" if len(text) > LONG else "CardElsewhere", text)


def _question(catalogue: Catalogue, question: Question) -> Command:
    part = question.part
    points = question.problem.conventions.number(part.points)
    notes = sequence(_note_block(question))
    if not question.rows:
        return command("CardText", part.id, points, notes)
    columns = str(max(question.columns, WIDE if any(row.wide for row in question.rows) else 1))
    titles = tex("")
    if question.columns > 1:
        own = sequence(_titles(catalogue, question))
        titles = sequence([command("CardTitles", tex(question.name), own)])
    rows = sequence(_rows(catalogue, question))
    numbers = command("CardNumbers", part.id, points, columns, titles, rows, notes)
    if question.wide:
        return command("CardWide", f"{question.cell_mm:.0f}mm", sequence([numbers]))
    return command("CardStarred", sequence([numbers])) if question.starred else numbers


def _titles(catalogue: Catalogue, question: Question) -> Iterator[Command]:
    yield command("CardTitle", catalogue.text("card.key"))
    if question.tolerant:
        yield command("CardTitle", catalogue.text("card.accepted"))
    if question.follows:
        star = " *" if question.starred else ""
        yield command("CardTitle", catalogue.text("card.fallback") + star)
    for index, letter in question.letters.items():
        earned = question.problem.conventions.number(question.part.mistakes[index].earns)
        yield command("CardTitle", tex(rf"\textbf{{{letter}}} ({earned})"))


def _rows(catalogue: Catalogue, question: Question) -> Iterator[Command]:
    if question.part.fallback:
        label = catalogue.text("card.substitutes")
        yield command("CardGivenRow", f"{question.part.id}/fallback", label)
    for row in question.rows:
        kind = "CardTextRow" if row.wide else "CardRow"
        yield command(kind, tex(row.name), tex(row.points), tex(row.label))


def _note_block(question: Question) -> Iterator[Command]:
    texts = [text for _, text in question.texts]
    if texts:
        is_long = sum(len(text.source) for text in texts) > LONG
        kind = "CardLongNotes" if is_long else "CardNotes"
        varies = any(text.varies for text in texts)
        yield command("CardOwnNotes" if varies else kind, tex(question.name))


def _notes(catalogue: Catalogue, question: Question) -> Iterator[Command]:
    """Mistakes with their points, then what else is to be accepted."""
    texts = {
        name: rf"\Cell{{{name}}}" if text.varies else noted(text.source)
        for name, text in question.texts
    }
    part = question.part
    for number, mistake in enumerate(part.mistakes):
        letter = question.letters.get(number, "")
        earned = question.problem.conventions.number(mistake.earns)
        text = texts[f"{part.id}/m{number}"]
        yield command("CardMistake", tex(letter), tex(f"({earned})"), tex(text))
    for number in range(len(part.also_accept)):
        yield command("CardAccept", tex(texts[f"{part.id}/a{number}"]))


def cards_source(exam: Exam, entries: Sequence[tuple[Card, str, str]]) -> str:
    """What copies contribute to a run, and their cards.

    Args:
        entries: Cards, each with the mark of its record and what is said of the revision of its
            key, which is empty for the first.
    """
    found = [list(card.parts()) for card, _, _ in entries]
    counts = Counter(chain.from_iterable(found)).most_common(MOST_SHARED)
    shared = {part: number for number, (part, count) in enumerate(counts, 1) if count > 1}
    said: set[PartOfCard] = set()
    pieces: list[str] = []
    for (card, mark, revision), parts in zip(entries, found, strict=True):
        pieces.append(f"\\BeginCopy{{{card.code}}}%\n")
        pieces += [_part_source(part, shared.get(part, 0), part in said) for part in parts]
        said.update(parts)
        top = rf"\CardTop{{{with_check(card.code)}}}{{{exam.id}}}{{{mark}}}{{{revision}}}"
        pieces.append(f"\\ShipCard{{{card.code}}}{{{top}}}\n")
    return "".join(pieces)


def _part_source(shown: PartOfCard, number: int, is_said: bool) -> str:
    """A part; its rows are said once of all cards that share it, by a number that is not 0."""
    part, index, rows = shown
    if number and is_said:
        return f"\\Same{{{part}}}{{{number}}}%\n"
    body = "".join([f"\\Row{{{name}}}{{{source}}}%\n" for name, source in rows])
    picked = "" if index is None else index
    return f"\\Part{{{part}}}{{{picked}}}{{{number}}}{{%\n{body}}}%\n"
