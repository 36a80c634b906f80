"""The roster: students, as a campus system or a spreadsheet exports them."""

from generator.roster.students import Roster, Student, read_roster
from generator.roster.table import RosterForm

__all__ = ["Roster", "RosterForm", "Student", "read_roster"]
