"""Asks the bot on this machine how it is: `python deploy/probe.py /health`. 0 is well, 1 is not.

For the image, which has no curl; a proxy in the environment is not asked.
"""

import http.client
import os
import sys

connection = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("PORT") or 3978), timeout=4)
try:
    connection.request("GET", sys.argv[1])
    sys.exit(connection.getresponse().status != 200)
except (OSError, http.client.HTTPException):
    sys.exit(1)
