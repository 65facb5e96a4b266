"""`python -m tallystick` is `tallystick`."""

import sys

from tallystick.cli.main import main

sys.exit(main())
