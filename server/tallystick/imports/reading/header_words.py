"""What do banks and programs write above their columns, in the eight languages that books start in? Pure."""

import re
from enum import StrEnum

from tallystick.ledger.folding import folded


class Field(StrEnum):
    DAY = "day"
    AMOUNT = "amount"
    DEBIT = "debit"
    CREDIT = "credit"
    SIGN = "sign"
    CURRENCY = "currency"
    PAYEE = "payee"
    NOTE = "note"
    BANK_ID = "bank_id"
    CATEGORY = "category"
    ACCOUNT = "account"
    # Known so that it is not taken for the amount.
    BALANCE = "balance"


# In each field what says it best comes first: of two columns the one with the earlier word is taken.
_WORDS = {
    Field.DAY: """
        Buchungstag; Buchungsdatum; Buchung; booking date; date; transaction date; posting date; posted date; trans date; Datum; Date
        opération; Date de comptabilisation; Fecha; Fecha operación; Fecha contable; Data; Data operazione; Data contabile; Boekdatum;
        Transactiedatum; Data operacji; Data księgowania; Data transakcji; Data do movimento; Data mov.; Data de lançamento; started date;
        completed date; Belegdatum; Wertstellung; Valuta; Valutadatum; value date; Date de valeur; Date valeur; Fecha valor; Data valuta;
        Rentedatum; Data waluty; Data valor; Data-valor
    """,
    Field.AMOUNT: """
        Betrag; Umsatz; amount; transaction amount; value; Montant; Importe; Monto; Cantidad; Importo; Ammontare; Bedrag; Transactiebedrag;
        Kwota; Kwota operacji; Kwota transakcji; Valor; Montante; Quantia
    """,
    Field.DEBIT: """
        Soll; Belastung; Ausgang; Ausgaben; debit; debits; debit amount; paid out; money out; withdrawal; withdrawals; outflow; Débit;
        Dépenses; Cargo; Debe; Cargos; Gastos; Addebito; Addebiti; Dare; Uscite; Debet; Af; Uitgaven; Obciążenia; Obciążenie; Wydatki; Wn;
        Débito; Débitos; Saídas; Despesas
    """,
    Field.CREDIT: """
        Haben; Gutschrift; Eingang; Einnahmen; credit; credits; credit amount; paid in; money in; deposit; deposits; inflow; Crédit;
        Recettes; Abono; Haber; Abonos; Ingresos; Accredito; Accrediti; Avere; Entrate; Bij; Inkomsten; Uznania; Uznanie; Wpływy; Ma;
        Crédito; Créditos; Entradas; Receitas
    """,
    Field.SIGN: """
        Soll/Haben; S/H; debit/credit; D/C; DC; credit/debit; C/D; transaction type; CdtDbtInd; direction; type; Sens; Cargo/Abono;
        Debe/Haber; Dare/Avere; Segno; Af Bij; Af/Bij; Debet/Credit; Wn/Ma; Strona; Débito/Crédito; Tipo; Typ; Art
    """,
    Field.CURRENCY: """
        Währung; currency; currency code; ccy; Devise; Monnaie; Divisa; Moneda; Valuta Code; Munt; Muntsoort; Waluta; Moeda
    """,
    Field.PAYEE: """
        Auftraggeber/Empfänger; Beguenstigter/Zahlungspflichtiger; Begünstigter/Zahlungspflichtiger; Name Zahlungsbeteiligter;
        Zahlungsempfänger; Zahlungsempfänger*in; Empfänger; Auftraggeber; Händler; Name; payee; merchant; merchant name; counterparty;
        beneficiary; description; Bénéficiaire; Tiers; Commerçant; Libellé; Beneficiario; Comercio; Concepto; Descripción; Esercente;
        Descrizione; Begunstigde; Tegenpartij; Naam / Omschrijving; Naam tegenpartij; Odbiorca; Nadawca/Odbiorca; Kontrahent; Opis operacji;
        Beneficiário; Favorecido; Estabelecimento; Descrição; Beschreibung
    """,
    Field.NOTE: """
        Verwendungszweck; Buchungstext; memo; note; notes; comment; details; narrative; Notiz; Détail; Détails; Remarque; Motif; Notas;
        Observaciones; Causale; Note; Mededelingen; Omschrijving; Tytuł; Tytuł operacji; Opis; Notatki; Observações; Histórico
    """,
    Field.BANK_ID: """
        transaction id; FITID; reference; reference number; ref; id; Referenz; Kundenreferenz; Transaktionscode; Référence; Referencia;
        Riferimento; Transactiereferentie; Referentie; Volgnr; Numer referencyjny; Referência; import id
    """,
    Field.CATEGORY: "Kategorie; category; Catégorie; Categoría; Categoria; Categorie; Kategoria; subcategory",
    Field.ACCOUNT: """
        Konto; Kontonummer; Auftragskonto; IBAN Auftragskonto; account; account name; account number; Compte; Cuenta; Conto; Rekening;
        IBAN/BBAN; Rachunek; Konto księgowe; Conta
    """,
    Field.BALANCE: """
        Saldo; Saldo nach Buchung; Kontostand; balance; running balance; Solde; Saldo na trn; Saldo po operacji; Saldo contabile;
        Saldo disponible
    """,
}

PLACES = {
    field: {word: place for place, word in reversed([*enumerate(folded(each) for each in words.split(";"))])}
    for field, words in _WORDS.items()
}

# What stands in a column that tells which way the money went.
_SPENT = """
    d; dr; debit; dbit; s; soll; belastung; lastschrift; -; withdrawal; expense; payment out; out; débit; dépense; cargo; debe; gasto;
    addebito; dare; uscita; debet; af; uitgave; obciążenie; wn; wydatek; débito; saída; despesa; ausgabe; ausgang
"""
_GAINED = """
    c; cr; credit; crdt; h; haben; gutschrift; +; deposit; income; payment in; in; crédit; recette; abono; haber; ingreso; accredito;
    avere; entrata; bij; inkomst; uznanie; ma; wpływ; crédito; entrada; receita; einnahme; eingang
"""
WAYS = {folded(word): way for way, words in ((-1, _SPENT), (1, _GAINED)) for word in words.split(";")}


# `Betrag (CHF)`, `amount in USD`.
_IN_CURRENCY = re.compile(r"(.+?) ?(?:\(| in )[a-z]{3}\)?")


def place_of(field: Field, header: str) -> int | None:
    """How well the header says the field, 0 is best. None: it says something else."""
    return PLACES[field].get(_bare(header))


def is_known(header: str) -> bool:
    bare = _bare(header)
    return any(bare in places for places in PLACES.values())


def _bare(header: str) -> str:
    word = folded(header)
    found = _IN_CURRENCY.fullmatch(word)
    return found[1] if found else word
