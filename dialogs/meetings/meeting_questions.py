"""Questions on the calendar: «neste møte», «møter i vår», «er det noe i uke 9?»."""
