"""What must be known on the day when nothing is left but an archive? Printed when backups are set up, to be kept on paper. Pure."""

KIT = """
RECOVERY KIT

Keep this page, the passphrase, and a copy of the archive in places that do not burn together.

  archive      {name}
  passphrase   ______________________________________________
               Nobody can open the archive without it, and nobody can reset it.
  keyring      is not needed. A new one is made, and fits.

On an empty machine:

  1. Install Tallystick, the version that made the archive or a newer one.
  2. tallystick verify {name}
  3. tallystick restore {name}
  4. tallystick up

Copy tallystick-erased.tally along with the archive, if it lies beside it: whoever was erased since does not come back then.
Users sign in with the passwords that they had. Devices copy their spaces anew and send what they had not sent.
The format of the archive is open (server/docs/archive-format.md): it can be read without Tallystick.
Try it once before you need it.
"""


def compose_kit(name: str) -> str:
    return KIT.format(name=name)
