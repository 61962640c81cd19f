"""What the archive needs to know about a language: names, script, direction, nearest package."""

from dataclasses import dataclass

RIGHT_TO_LEFT = frozenset({"Arab", "Aran", "Hebr", "Syrc", "Thaa", "Nkoo", "Adlm", "Rohg", "Mand", "Samr"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """A BCP 47 tag and what we know about it. An unknown tag is its own name."""

    tag: str
    name: str
    autonym: str  # its name for itself
    script: str  # ISO 15924; Zyyy when nothing says which
    package: str | None = None  # the code by which translation packages name it or its nearest relative

    @property
    def direction(self) -> str:
        """`rtl` or `ltr`: the value of an HTML `dir` attribute."""
        return "rtl" if self.script in RIGHT_TO_LEFT else "ltr"


def language(tag: str) -> Language:
    """What we know about a BCP 47 tag: or about the nearest shorter tag of the same script."""
    wanted = normalise(tag)
    script = _script_of(wanted)
    shorter = wanted
    while shorter:
        known = _KNOWN.get(shorter)
        if known and (shorter == wanted or script in (None, known.script)):
            return Language(
                tag=wanted,
                name=known.name,
                autonym=known.autonym,
                script=known.script,
                package=known.package,
            )
        shorter = shorter.rpartition("-")[0]
    script = script or _USUAL_SCRIPT.get(primary(wanted), "Zyyy")
    return Language(tag=wanted, name=wanted, autonym=wanted, script=script)


def normalise(tag: str) -> str:
    """A tag in the usual spelling (`UR_pk` is `ur-PK`), three-letter names of our languages shortened."""
    first, *rest = tag.strip().replace("_", "-").split("-")
    first = first.lower()
    parts = [_SHORTER.get(first, first) or "und"]
    for part in rest:
        if len(part) == 4 and part.isalpha():
            parts.append(part.title())
        elif len(part) == 2 or (len(part) == 3 and part.isdigit()):
            parts.append(part.upper())
        elif part:
            parts.append(part.lower())
    return "-".join(parts)


def primary(tag: str) -> str:
    """The language a tag names, without script, region and variants."""
    return normalise(tag).partition("-")[0]


def direction(tag: str) -> str:
    """`rtl` or `ltr`."""
    return language(tag).direction


def argos_code(tag: str) -> str | None:
    """The code by which Argos packages name a language or its nearest relative (`prs` is read by `fa`).

    None where no package could read it: romanised Urdu is not what an Urdu package has learnt.
    """
    code = primary(tag)
    if code in _KNOWN:
        return language(tag).package
    return code if len(code) == 2 and _script_of(normalise(tag)) is None else None


def known() -> tuple[Language, ...]:
    """Every language with facts of its own, in the order of their tags."""
    return tuple(_KNOWN[tag] for tag in sorted(_KNOWN))


def _script_of(tag: str) -> str | None:
    return next((part for part in tag.split("-")[1:] if len(part) == 4 and part.isalpha()), None)


# Some platforms and corpora name a language by its ISO 639-3 code.
_SHORTER = {
    "urd": "ur",
    "pus": "ps",
    "pst": "ps",
    "pbt": "ps",
    "pbu": "ps",
    "ara": "ar",
    "arb": "ar",
    "fas": "fa",
    "per": "fa",
    "pes": "fa",
    "eng": "en",
    "snd": "sd",
    "uig": "ug",
    "kas": "ks",
    "iw": "he",
    "in": "id",
}

# Scripts of languages without further facts, where the direction of the page depends on it.
_USUAL_SCRIPT = dict.fromkeys(
    ("bgn", "bqi", "brh", "haz", "khw", "lrc", "luz", "mzn", "trw", "tly", "mvy"), "Arab"
)
_USUAL_SCRIPT |= {"dv": "Thaa", "yi": "Hebr", "syr": "Syrc", "arc": "Syrc", "nqo": "Nkoo"}

_TABLE = """
ar       | Arabic                 | العربية       | Arab | ar
ar-Latn  | Arabic (romanised)     | Arabizi       | Latn |
az       | Azerbaijani            | Azərbaycanca  | Latn | az
azb      | South Azerbaijani      | تۆرکجه        | Arab |
bal      | Balochi                | بلۏچی         | Arab |
bn       | Bengali                | বাংলা          | Beng | bn
ckb      | Central Kurdish        | کوردی         | Arab |
de       | German                 | Deutsch       | Latn | de
en       | English                | English       | Latn | en
es       | Spanish                | Español       | Latn | es
fa       | Persian                | فارسی         | Arab | fa
fr       | French                 | Français      | Latn | fr
glk      | Gilaki                 | گیلکی         | Arab |
hac      | Gorani                 | گۆرانی        | Arab |
he       | Hebrew                 | עברית         | Hebr | he
hi       | Hindi                  | हिन्दी          | Deva | hi
id       | Indonesian             | Indonesia     | Latn | id
kmr-Arab | Northern Kurdish       | کورمانجی      | Arab |
ks       | Kashmiri               | کٲشُر         | Arab |
pa       | Punjabi                | ਪੰਜਾਬੀ         | Guru |
pnb      | Western Punjabi        | پنجابی        | Arab |
prs      | Dari                   | دری           | Arab | fa
ps       | Pashto                 | پښتو          | Arab | ps
ru       | Russian                | Русский       | Cyrl | ru
sd       | Sindhi                 | سنڌي          | Arab |
sdh      | Southern Kurdish       | کوردی خوارگ   | Arab |
skr      | Saraiki                | سرائیکی       | Arab |
so       | Somali                 | Soomaali      | Latn |
sw       | Swahili                | Kiswahili     | Latn |
tg       | Tajik                  | Тоҷикӣ        | Cyrl |
tr       | Turkish                | Türkçe        | Latn | tr
ug       | Uyghur                 | ئۇيغۇرچە      | Arab |
und      | undetermined           |               | Zyyy |
ur       | Urdu                   | اردو          | Arab | ur
ur-Latn  | Urdu (romanised)       | Roman Urdu    | Latn |
uz       | Uzbek                  | Oʻzbekcha     | Latn |
uz-Arab  | Uzbek (Arabic script)  | اوزبیکچه      | Arab |
zh-Hans  | Chinese (simplified)   | 简体中文       | Hans | zh
zh-Hant  | Chinese (traditional)  | 繁體中文       | Hant | zt
"""


def _read(line: str) -> Language:
    tag, name, autonym, script, package = (cell.strip() for cell in line.split("|"))
    return Language(tag=tag, name=name, autonym=autonym or name, script=script, package=package or None)


_KNOWN = {entry.tag: entry for entry in map(_read, _TABLE.strip().splitlines())}
