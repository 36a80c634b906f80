"""Whether a finished copy shows in each place the variant of the figure that it has to show.

A page calls a figure by the name of its place, and the resources of the copy say which form that
is. So figures that were exchanged there are seen by the bytes of their forms alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from generator.stamp.pdf import PdfFile, reference

_FORMS: Final = re.compile(rb"/XObject << ([^>]*)>>")
_FORM: Final = re.compile(rb"/Fig-(\S+) (\d+) 0 R")


def wrong_forms(
    file: PdfFile, variants: Mapping[str, str], bodies: Mapping[str, bytes]
) -> Iterator[str]:
    """Places in which a finished copy shows another figure, in words.

    Args:
        variants: Slot of a figure to the name of the variant that belongs there.
        bodies: Name of a variant to its form, as a copy has it.
    """
    found = _FORMS.search(file.value(reference(file.value(file.pages()[0]), b"Parent")))
    forms = dict(_FORM.findall(found[1])) if found else {}
    for slot, variant in variants.items():
        number = forms.get(slot.encode("ascii"))
        if number is None:
            yield f"the figure {slot} is not there"
        elif not file.begins_with(int(number), bodies[variant]):
            yield f"the figure {slot} is another one than that of the copy"
