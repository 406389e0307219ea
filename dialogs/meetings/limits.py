"""What a meeting may be, whether it comes from a form or a file: more is a slip of the pen."""

from datetime import timedelta

LONGEST_MEETING = timedelta(days=7)
YEARS_AHEAD = 5
