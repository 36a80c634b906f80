"""Pages that are as they should be pass, whatever stands beside their values."""

from __future__ import annotations

from pathlib import Path

import pytest
from probe_bank import probe, question
from shipped import SECRET

from generator.pipeline.worker import Producer
from generator.pipeline.workshop import Workshop
from generator.record.ledger import Copy, Holder
from generator.typeset.preparation import prepare_press
from generator.verify.leaks import Forbidden

FORMULAS = r"""
Compute $\sum_{k=<< b >>}^{<< a >>} k$ and $\int_{<< b >>}^{<< a >>} 2x\,dx$ and \[ \sum_{k=<< b
>>}^{<< a >>} \frac{k}{<< b >>} + \int_{<< b >>}^{<< a >>} 2^{<< b >>}x\,dx \] minus $<< a >> - <<
b >>$ and $x^2 - << a >>x + << b >> = 0$, $e^{-<< b >>}$, 0<< b >>, << a >>--<< b >>, << a >>---<<
b >>, << h >>, << a >>-fold, $x_{<< b >>}^{<< a >>}$, $x^{<< a >>}_{<< b >>}$, $\binom{<< a
>>}{<< b >>}$, $\begin{pmatrix} << a >> & << b >> \\ << b >> & -<< a >> \end{pmatrix}$, $\sqrt[<<
b >>]{<< a >>}$, << a >>:<< b >>, << a >>/<< b >>, $<< a >>{,}<< b >>$, $\lim_{x\to << a >>} x$,
$\overset{<< b >>}{=}$, $\frac{<< a >>}{<< b >>}$, $\underbrace{<< a >>+1}_{<< b >>}$, $0.<< a
>>$, $<< a >>\,000$, $<< a >>\%$, $\mathbb{R}^{<< b >> \times << a >>}$, $|<< a >>|$, $\log_{<< b
>>} << a >>$, \begin{tabular}{ll} x & << a >> \\ y & << b >> \end{tabular} ffi first fluff
$\xrightarrow{<< a >>}$ $10^{<< b >>}$ $\prod_{i=<< b >>}^{<< a >>} i$, $\alpha = << a
>>\,\Omega$, na\"ive-<< b >> x
"""

SIGNS = r"""
<< h >>
$a \ne << a >>$, B $\mapsto << a >>$, C $\longrightarrow << a >>$, D $\Longrightarrow << b >>$, E
$\iff << b >>$, F $\notin << b >>$ G $\cong << b >>$ H $\ell << b >>$ I $\hbar << b >>$ J
$\hookrightarrow << b >>$ K $\models << b >>$ L $\doteq << b >>$ M $\begin{pmatrix} << a >> \\ <<
b >> \\ 3 \\ 4\end{pmatrix}$ N $\begin{cases} << a >> & x<0\\ << b >> & x>0\end{cases}$ O
\texttt{-{}-flag --x << a >>} P $a--<< a >>$ Q long- and short- long- and long- and long- and
long- and long- and long- and long- and << b >> R $\left\{ << a >> \right\}$ S $\Bigl[<< b
>>\Bigr]$ T $\widehat{xyz}<< b >>$ U $\overrightarrow{AB}<< b >>$ V $\int\limits_{<< a >>}^{<< b
>>}$ X $\overbrace{<< a >>}^{<< b >>}$ $\xrightarrow[<< a >>]{<< b >>}$ Z $\underset{<< a >>}{<< b
>>}$ \begin{enumerate}\item << a >> x \item << b >>\end{enumerate} $\lVert << a >> \rVert$ AA
$\sqrt{\frac{<< a >>}{<< b >>}}$ ``<< a >>'' '<< b >>' $<< a >>'$ DD $\langle << a >>, << b
>>\rangle$ EE $<< a >> \bmod << b >> \pmod{<< a >>}$ $^\circ << b >>$ \[ \begin{aligned} x &= << a
>>\\ y &= << b >> \end{aligned} \] GG \begin{tabular}{|p{2cm}|c|}\hline long text of some words &
<< a >> \\ << b >> & yes it is \\\hline\end{tabular}
"""


DRAW = r"""
draw:
  - {names: [h], one_of: ['$\chi^2$', '$\mathcal{N}(0, 1)$', '\texttt{rnorm()}']}
  - {names: [a], from: 20, to: 60}
  - {names: [b], from: 2, to: 19}
reference: {h: '$\chi^2$', a: 25, b: 7}
"""

TEXTS = r"""
How often is the test against << h >> repeated for $n = << b >>$ and groups of << a >>, at
<< b >>:<% if a < 40 %>0<% endif %><< a >>?
<% if b > 12 %>

Mind that $n > 12$.
<% endif %>
"""

LENGTHS = r"""
In this rather long sentence that nearly fills its line there is a << h >> which is named, and then
in the second line again after many other words that come before a << h >> with $n = << b >>$, as
if << a >> were added. Double it.
"""

LONG = r"""
draw:
  - {names: [h], one_of: [coin, Wahrscheinlichkeitsverteilungsfunktion, electroencephalography]}
  - {names: [a], from: 20, to: 6000, step: 20}
  - {names: [b], from: 2, to: 19}
reference: {h: coin, a: 20, b: 7}
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "draw"), [(FORMULAS, DRAW), (SIGNS, DRAW), (TEXTS, DRAW), (LENGTHS, LONG)]
)
def test_values_beside_anything_are_read_back(text: str, draw: str, tmp_path: Path) -> None:
    exam = probe(tmp_path / "bank", question(text, draw))
    press = prepare_press(exam, tmp_path / "cache", 2)
    workshop = Workshop(exam, SECRET, 4)
    copies = [workshop.register(Copy(f"E{n:04d}", Holder(None, n)), ()).copy for n in range(1, 31)]
    producer = Producer(workshop, press, Forbidden(), tmp_path)
    assert len(list(producer.produce(copies))) == len(copies)
