"""Does the ledger do what a plain Python model of it does, whatever it is asked, by however many at once?"""
