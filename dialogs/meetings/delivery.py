"""Who got a message and who did not: counts for organisers, reasons for the administrator."""
