"""Azerbaijani from Latin into Arabic script, the way South Azerbaijani spells its words.

There is little licensed text in South Azerbaijani and much in North Azerbaijani; the two differ in script
more than in words. Endings after a final -ə stand apart, the commonest loanwords keep their Arabic or Persian
spelling, and ü is spelt with a letter of its own by some: without that, a text full of loanwords looks
Persian. Other loanwords come out misspelt, which does no harm to n-gram statistics.
"""

import re

_LETTERS = dict(zip("abcçdefgğhxıijkqlmnoöprsştuüvyz", "ابجچدئفگغهخییژکقلمنوؤپرسشتووویز", strict=True))
_AT_THE_START = {
    "a": "آ",
    "ə": "ا",
    "e": "ائ",
    "ı": "ای",
    "i": "ای",
    "o": "او",
    "ö": "اؤ",
    "u": "او",
    "ü": "او",
}
_WORD = re.compile(r"[^\W\d_]+")
_ENDING = re.compile(r"(.{2,}ə)((?:s[iı]|n[iı]n|n[iı]|nd|y|y[iı]|l[əi]|d[əi]|m[əi]|c)\w*)")
# Stem -> its spelling; endings follow as they sound.
_LOANWORDS = """
hökumət حکومت, dövlət دولت, millət ملت, milli ملی, cümhuriyyət جمهوریت, respublika جمهوری,
prezident رئیس جمهور, nazir وزیر, müharibə محاربه, sülh صلح, tarix تاریخ, elm علم, təhsil تحصیل,
mədəniyyət مدنیت, iqtisad اقتصاد, siyasi سیاسی, siyasət سیاست, ictimai اجتماعی, xəbər خبر,
məlumat معلومات, kitab کتاب, məktəb مکتب, müəllim معلم, şəhər شهر, ölkə اؤلکه, dünya دونیا,
insan انسان, həyat حیات, zaman زمان, vaxt وقت, saat ساعت, sual سوال, cavab جواب, haqqında حاققیندا,
xalq خلق, hərbi حربی, əsgər عسگر, qüvvə قووه, hadisə حادثه, səbəb سبب, məsələ مسئله, problem پروبلم,
azadlıq آزادلیق, hüquq حقوق, qanun قانون, məhkəmə محکمه, rəsmi رسمی, idarə اداره, təşkilat تشکیلات,
əməkdaşlıq امکداشلیق, əlaqə علاقه, münasibət مناسبت, ümumi عمومی, xüsusi خصوصی, xarici خارجی,
daxili داخلی, əsas اساس, mühüm مهم, lazım لازم, mümkün ممکن, təbiət طبیعت, heyvan حیوان, xəstə خسته,
xəstəlik خسته‌لیک, həkim حکیم, virus ویروس, sağlamlıq ساغلاملیق, film فیلم, musiqi موسیقی,
sənət صنعت, şair شاعر, əsər اثر, məşhur مشهور, cəmi جمعی, təxminən تخمینا, hətta حتی, amma اما,
bəzi بعضی, həm هم, hər هر, heç هئچ, əhali اهالی, müxtəlif مختلف, fərq فرق, maddə ماده,
kimyəvi کیمیایی, ingilis اینگیلیس, amerika آمریکا, avropa اوروپا, iran ایران, türkiyə تورکیه,
azərbaycan آذربایجان, rusiya روسیه
"""
_SPELT: dict[str, list[list[str]]] = {}  # by first letter, the longest stem first
for _pair in sorted(
    (pair.split(" ", 1) for pair in " ".join(_LOANWORDS.split()).split(", ")), key=lambda pair: -len(pair[0])
):
    _SPELT.setdefault(_pair[0][0], []).append(_pair)


def in_arabic_script(text: str, *, rounded: bool = False) -> str:
    """The words of a Latin-script text, spelt in Arabic script; `rounded` spells ü within words with ۆ."""
    spelt = (
        _spell(word.replace("İ", "i").replace("I", "ı").lower(), rounded) for word in _WORD.findall(text)
    )
    return " ".join(filter(None, spelt))


def _spell(word: str, rounded: bool) -> str:
    if word == "və":
        return "و"
    for stem, spelling in _SPELT.get(word[0], ()):
        if word.startswith(stem) and len(word) - len(stem) <= 6:
            ending = word[len(stem) :]
            apart = " " if spelling.endswith("ه") and ending else ""
            return spelling + apart + _letters(ending, rounded)
    if found := _ENDING.fullmatch(word):
        return _spell(found[1], rounded) + " " + _letters(found[2], rounded)
    first = _AT_THE_START.get(word[0])
    return (first or "") + _letters(word[1:] if first else word, rounded)


def _letters(word: str, rounded: bool) -> str:
    final = "ه" if word.endswith("ə") else ""
    spelt = "".join("ۆ" if rounded and letter == "ü" else _LETTERS.get(letter, "") for letter in word)
    return spelt + final
