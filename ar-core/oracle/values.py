"""Money, days and words: read strictly, printed in one way. Money is a whole number of minor units."""

import datetime
import re
from fractions import Fraction

LIMIT = 9_223_372_036_854_775_807
DIGITS = {}
for digits, codes in {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW"
    " CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HRK HTG HUF IDR ILS"
    " INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN"
    " NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB"
    " TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG ZWL",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}.items():
    for code in codes.split():
        DIGITS[code] = digits


class Refused(Exception):
    """One value that cannot be taken; `code` says why."""

    def __init__(self, code, field=None):
        super().__init__(code)
        self.code, self.field = code, field


class Failure(Exception):
    """A load or a question that fails as a whole: a list of problems {code, table, index, field}."""

    def __init__(self, problems):
        super().__init__(problems[0]["code"])
        self.problems = problems

    def answer(self):
        return {**self.problems[0], "total": len(self.problems), "problems": self.problems[:100]}


def fail(code, field=None, table=None, index=None):
    raise Failure([{"code": code, "table": table, "index": index, "field": field}])


class Float:
    """A number with a fraction or an exponent, as it stood in JSON."""

    def __init__(self, text):
        self.text = text


def unspell(value):
    """A value as the case files spell wrong ones, turned into what JSON would give."""
    if isinstance(value, dict) and len(value) == 1:
        (kind, v), = value.items()
        if kind == "float":
            return Float(v)
        if kind == "nan":
            return "NaN"
        if kind == "null":
            return None
        if kind == "list":
            return []
        if kind in ("int", "bool", "datetime"):
            return v
    return value


def exact(value):
    """Text or whole number -> Fraction, or refused."""
    if isinstance(value, Float):
        raise Refused("float_refused")
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise Refused("wrong_type")
    if isinstance(value, int):
        return Fraction(value)
    if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value):
        raise Refused("not_a_number")
    return Fraction(value)


def money(number, digits, limit=LIMIT):
    """An exact number -> minor units of a currency with so many digits."""
    if abs(number) >= 10**30:
        raise Refused("too_large")
    minor = number * 10**digits
    if minor.denominator != 1:
        raise Refused("too_many_digits")
    if abs(minor) > limit:
        raise Refused("too_large")
    return int(minor)


def rate(value):
    number = exact(value)
    if (number * 10**12).denominator != 1:
        raise Refused("too_many_digits")
    if number >= 10**9:
        raise Refused("too_large")
    if number <= 0:
        raise Refused("wrong_sign")
    return number


def show(minor, digits):
    sign = "-" if minor < 0 else ""
    whole, rest = divmod(abs(minor), 10**digits)
    return f"{sign}{whole}.{rest:0{digits}d}" if digits else f"{sign}{whole}"


def half_away(number):
    """A Fraction to the nearest whole number, halves away from zero."""
    number = Fraction(number)
    sign = -1 if number < 0 else 1
    whole, rest = divmod(abs(number), 1)
    return sign * int(whole + (1 if rest >= Fraction(1, 2) else 0))


def ratio(number, digits):
    return show(half_away(number * 10**digits), digits)


def split(total, weights):
    """`total` in parts in proportion to weights >= 0: largest remainder, ties to the first. Unit by unit, on purpose."""
    sign, total = (-1 if total < 0 else 1), abs(total)
    whole = sum(weights)
    shares = [Fraction(total) * w / whole for w in weights]
    parts = [share.numerator // share.denominator for share in shares]
    given = [False] * len(parts)
    while sum(parts) < total:
        best = None
        for i, share in enumerate(shares):
            if not given[i] and (best is None or share - int(share) > shares[best] - int(shares[best])):
                best = i
        parts[best] += 1
        given[best] = True
    return [sign * p for p in parts]


def day(value):
    if isinstance(value, Float) or not isinstance(value, str):
        raise Refused("wrong_type")
    found = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ].*)?", value, re.S)
    if not found:
        raise Refused("impossible_date")
    try:
        parsed = datetime.date(*map(int, found.groups()))
    except ValueError:
        raise Refused("impossible_date") from None
    if len(value) > 10:
        raise Refused("datetime_refused")
    return parsed


def text(value):
    if not isinstance(value, str):
        raise Refused("wrong_type")
    return value


def whole(value, least):
    if isinstance(value, Float):
        raise Refused("float_refused")
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refused("wrong_type")
    if not least <= value <= 2_147_483_647:
        raise Refused("wrong_type")
    return value


def add_months(start, months):
    """A day moved by months, clamped to the month's end; None when it leaves the calendar (before or after)."""
    number = start.year * 12 + start.month - 1 + months
    year, month = divmod(number, 12)
    if not 1 <= year <= 9999:
        return None
    for d in range(start.day, 27, -1):
        try:
            return datetime.date(year, month + 1, d)
        except ValueError:
            pass
    return datetime.date(year, month + 1, start.day)


def key(value):
    """Sort key of a text: by bytes."""
    return value.encode("utf-8", "surrogatepass")
