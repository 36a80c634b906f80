"""Which copy somebody means who types a code, and why it is none in use."""

from __future__ import annotations

from generator.codes.page_code import REFERENCE_CODE, CodeError
from generator.codes.typed_code import read_copy_code
from generator.errors import Complaint, InputError
from generator.record.batch import Batch


def read_code(exam_id: str, batch: Batch | None, typed: str) -> str:
    """The code of a copy of a batch, or of the reference copy, as somebody typed it.

    Raises:
        InputError: It is no code, was never built, is of another exam, or void.
    """
    digits = len(REFERENCE_CODE) - 1 if batch is None else batch.ledger.digits
    try:
        code = read_copy_code(typed, digits, exam_id)
    except CodeError as error:
        raise InputError([Complaint("", 0, 0, "", str(error))]) from None
    if code == REFERENCE_CODE:
        return code
    missing = "no batch was built there: build the exam first, or say with OUT= where its batch is"
    if reason := missing if batch is None else why_not_in_use(batch, code):
        raise InputError([Complaint("", 0, 0, code, reason)])
    return code


def why_not_in_use(batch: Batch, code: str) -> str:
    """Why a code is not that of a copy in use; nothing if it is."""
    own = code.partition(".")[0]
    codes = batch.codes()
    if (new := batch.ledger.voided().get(code)) is not None:
        return f"is void: it was printed again as {new}"
    if "." in code and code not in batch.reprints:
        return "there is no such reprint"
    if own in codes:
        return ""
    if own in batch.ledger.withdrawn():
        return "is void: it was withdrawn, its student has left the roster"
    return f"was never built; the codes of this batch go from {codes[0]} to {codes[-1]}"
