"""What the build needs besides Python: which of it is missing, and what installs it.

The one module that calls ``kpsewhich``. ``make`` installs these packages beforehand (the same list
is in the Makefile); this check is for the machine where something has gone since, or where ``make``
was not used.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from generator.errors import Complaint, InputError, ToolMissingError


@dataclass(frozen=True)
class TexPackage:
    """A Debian package of TeX, and a file of it by which to see that it is installed."""

    package: str
    file: str


TEX_PACKAGES = (
    TexPackage("texlive-latex-base", "article.cls"),
    TexPackage("texlive-latex-recommended", "booktabs.sty"),
    TexPackage("texlive-pictures", "tikz.sty"),
    TexPackage("texlive-fonts-recommended", "ptmr8t.tfm"),
    TexPackage("texlive-latex-extra", "enumitem.sty"),
    TexPackage("lmodern", "lmodern.sty"),
)

BANK_PACKAGES = {
    "circuitikz": TexPackage("texlive-pictures", "circuitikz.sty"),
    "mhchem": TexPackage("texlive-science", "mhchem.sty"),
    "siunitx": TexPackage("texlive-science", "siunitx.sty"),
}
"""What a bank may ask for; ``make`` does not install what others have no use for."""

_OPTIONS = {"mhchem": "[version=4]", "circuitikz": "[RPvoltages]"}
_OURS = {"siunitx": "variantquantities"}
"""What stands around a package, so that it takes drawn values."""

_FIGURES_ONLY = ("circuitikz",)

#: Programs of ``texlive-latex-base`` (and what it depends on) that the build runs.
TEX_PROGRAMS = ("pdflatex", "kpsewhich")

_KPSEWHICH_SECONDS = 30


def check_tools() -> None:
    """Check that everything that the build runs is installed; takes some 10 ms.

    Raises:
        ToolMissingError: Naming all that is missing and the command that installs it.
        InputError: `SOURCE_DATE_EPOCH` is set, but is no time.
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "0")
    if not re.fullmatch("[0-9]{1,11}", epoch):  # fontTools reads it as well
        message = f"expected a number of seconds since 1970, got {epoch!r}; unset it"
        raise InputError([Complaint("", 0, 0, "SOURCE_DATE_EPOCH", message)])
    programs = [name for name in TEX_PROGRAMS if shutil.which(name) is None]
    if programs:
        raise _missing(programs, TEX_PACKAGES)
    packages = _missing_packages()
    if packages:
        raise _missing([package.file for package in packages], packages)


def check_bank_packages(names: Iterable[str], where: str = "") -> None:
    """Check that the packages that a bank asks for are installed.

    Args:
        where: The place of the bank that asks for them.

    Raises:
        ToolMissingError: Naming all that are missing and the command that installs them.
    """
    wanted = [BANK_PACKAGES[name] for name in names]
    missing = [package for package in wanted if not _is_found(package.file)]
    if missing:
        error = _missing([package.file for package in missing], missing)
        error.args = (f"{where}: {error}" if where else str(error),)
        raise error


def package_lines(names: Iterable[str], decimal_sign: str, *, figures: bool) -> str:
    """What a template says to load the packages that a bank asks for.

    Args:
        decimal_sign: What stands before the decimals of a number.
        figures: It is the template of figures, of which some packages are for alone.
    """
    used = [name for name in names if figures or name not in _FIGURES_ONLY]
    options = {**_OPTIONS, "siunitx": "[comma]" if decimal_sign == "," else ""}
    return "".join(
        f"\\usepackage{options.get(name, '')}{{{_OURS.get(name, name)}}}\n" for name in used
    )


@cache
def _is_found(file: str) -> bool:
    found = subprocess.run(
        ["kpsewhich", file], capture_output=True, check=False, timeout=_KPSEWHICH_SECONDS
    )
    return found.returncode == 0


def explain_missing_module(error: ModuleNotFoundError) -> ToolMissingError:
    """Turn the failed import of a library into advice.

    Args:
        error: What the import raised.
    """
    name = (error.name or str(error)).partition(".")[0]
    return ToolMissingError(
        f"the Python package {name}", "make setup (and run .venv/bin/python -m generator)"
    )


@cache
def ends_with_parent() -> tuple[str, ...]:
    """What stands before a command so that it ends when its parent does, however that ends.

    Empty where the system has no such thing. The one call of ``setpriv`` (of util-linux).
    """
    command = ("setpriv", "--pdeathsig", "KILL", "--")
    try:
        tried = subprocess.run([*command, "true"], capture_output=True, check=False)
    except FileNotFoundError:
        return ()
    return () if tried.returncode else command


def install_command(packages: Iterable[str]) -> str:
    """The command that installs Debian packages, for the user that is running this."""
    sudo = "" if os.geteuid() == 0 else "sudo "
    return f"{sudo}apt-get install --no-install-recommends {' '.join(packages)}"


def _missing_packages() -> tuple[TexPackage, ...]:
    """Those of ``TEX_PACKAGES`` whose file TeX does not find."""
    # kpsewhich exits with 1 unless it finds all, and prints the paths of those that it found.
    done = subprocess.run(
        ["kpsewhich", *(package.file for package in TEX_PACKAGES)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=_KPSEWHICH_SECONDS,
    )
    found = {os.path.basename(line) for line in os.fsdecode(done.stdout).splitlines()}
    return tuple(package for package in TEX_PACKAGES if package.file not in found)


def _missing(names: Iterable[str], packages: Iterable[TexPackage]) -> ToolMissingError:
    wanted = dict.fromkeys(package.package for package in packages)
    return ToolMissingError(f"TeX ({', '.join(names)})", install_command(wanted))
