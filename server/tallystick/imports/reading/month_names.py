"""How are the months called, and cut short, in the eight languages that books start in? Pure."""

from collections import defaultdict

from tallystick.ledger.folding import folded

SHORTEST = 3

_NAMES = """
    januar februar märz april mai juni juli august september oktober november dezember
    jänner feb mrz apr mai jun jul aug sept okt nov dez
    january february march april may june july august september october november december
    enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
    janvier février mars avril mai juin juillet août septembre octobre novembre décembre
    gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre
    januari februari maart april mei juni juli augustus september oktober november december
    januari februari mrt april mei juni juli augustus september oktober november december
    styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad grudzień
    stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia
    janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro
"""


def _by_beginning() -> dict[str, int]:
    """Every beginning of a name that means one month only: `jui` is two months in French, and so none."""
    found: dict[str, set[int]] = defaultdict(set)
    for names in _NAMES.strip().splitlines():
        for number, name in enumerate(names.split(), 1):
            for end in range(SHORTEST, len(name) + 1):
                found[folded(name[:end])].add(number)
    return {beginning: months.pop() for beginning, months in found.items() if len(months) == 1}


MONTHS = _by_beginning()
