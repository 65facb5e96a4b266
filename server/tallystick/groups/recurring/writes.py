"""What is written about recurring expenses outside of a group's own rows? When each is due."""

from tallystick.groups.tables import recurring_due
from tallystick.jobs.due.writes import dues_in

RECURRING_DUES = dues_in(recurring_due, "recurring_id")
