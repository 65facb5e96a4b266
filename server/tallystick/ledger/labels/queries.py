"""What are the payees, payment methods and tags of a book? They differ in their names and in one field each."""

from tallystick.ledger.nouns.queries import noun
from tallystick.ledger.tables import PAYEE, PAYMENT_METHOD, TAG

PAYEES = noun(PAYEE, "payee_id", ("name", "default_category_id"))
PAYMENT_METHODS = noun(PAYMENT_METHOD, "payment_method_id", ("name", "icon"))
TAGS = noun(TAG, "tag_id", ("name", "color"))
