"""Tell Urdu and Arabic typed in Latin letters from English and other languages of Latin script.

No licensed text in either is at hand, so there are no n-gram profiles: these are common words, written down
by us, that are rare in other languages. Words that English, Turkish or Indonesian also use are left out.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Romanised:
    """How much of a text is made of the common words of a romanised language."""

    language: str
    share: float  # of all its words
    found: int  # different ones


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What the words of a Latin-script text show."""

    english: int  # different ones that are frequent in English and in no other language
    romanised: Romanised | None  # the romanised language, where the words show one beyond doubt


def read(text: str) -> Words:
    """What the words of a text show.

    English sentences full of names (Khan, Shah, Sami) have no words of romanised languages and stay English.
    """
    words = _WORD.findall(text.lower())
    different = frozenset(words)
    english = len(_ONLY_ENGLISH & different)
    spelt = frozenset(filter(_ARABIZI.fullmatch, different)) if _DIGIT.search(text) else frozenset()
    best: Romanised | None = None
    for language, vocabulary in _VOCABULARIES.items():
        hits = vocabulary & different
        if language == "ar-Latn":
            hits |= spelt
        if len(hits) >= 2 and len(hits) > len(_ENGLISH & different):
            share = sum(word in hits for word in words) / len(words)
            if share >= 0.2 and (not best or share > best.share):
                best = Romanised(language=language, share=share, found=len(hits))
    return Words(english=english, romanised=best)


_WORD = re.compile(r"[a-z0-9']+")
_DIGIT = re.compile("[2-9]")
# Digits inside words stand for Arabic letters: 3 for ain, 7 for ha, 9 for qaf, 5 for kha, 2 for hamza.
_ARABIZI = re.compile(r"(?=.*[a-z]{2})[a-z]*[23579][a-z]+[a-z23579]*|(?=.*[a-z]{2})[a-z]+[379][a-z]*")

_URDU = """
hai hain hay nahi nahin nhi nai mein mai main ko ki ka ke kay se aur or kya kia kyun kyu kyon kon kaun kahan
kab kaise kese kaisa aap ap tum hum ham mujhe mjhe mera meri mere tera teri tere hamara hamari hamare hamein
humein tumhara tumhari apna apni apne apka apki aapka aapki unka unki unke unhon uska uski uske isko usko
iska iski iske inka inki yeh ye woh wo yahan wahan jab jabke phir phr agar magar lekin lekn kyunke kyunki
bhi bhe toh tou hona hota hoti hote hua hui huwa huye hoga hogi honge raha rahi rahe rha rhi rhe karna karta
karti karte karo karein karen kren krna krta krte kiya kiye gaya gayi gaye gya gyi diya diye deta dete dena
lena leta lete liya liye jata jati jate jana ana ata ati ate aya ayi aye tha thi thay wala wali wale walay
sab sabhi bohat bohot bahut buhat bht acha achha achi ache accha bura buri bilkul sirf bas kuch kch koi kisi
kis jis jin jinhon abhi ab tak sath saath liay pehle pehla baad baat baatein log logon logo aadmi aurat
larka larki bacha bachay bachon ghar mulk awam hukumat khuda allah shukriya meherbani zaroor zarurat dost
bhai yaar yar kal aaj din raat waqt zindagi dil pyar mohabbat khush mushkil asaan sach jhoot pata maloom
samajh dekho dekha dekh suno suna bolo bola kaha kehta kehte kehna chahiye chahte chahta sakta sakti sakte
dono teen chaar paisa paise rupay kaam kam zyada ziada thora thori thoray itna itni itne utna jitna aisa
aisi aise waisa jaisa jaise kro krte krti krta krein krna kre krdo krdi karlo kardo ky kay ka hn hy hein hun
hoon wohi yehi wahi yahi jo kitna kitni kitne kaisi wese waise hamesha kabhi kbhi chalo shadi wapis sahi galat
ghalat khana pani gaari gari masla bijli mehngai jhooti jhoot zabardast mashallah duain dua zindabad murdabad
bachon bachy larke larkay ladki ladka banda bande dekhte dekhna jane jany lagta lagti lagte milta milte milti
rehta rehte rehti bataya batao batao bta btao suno sunna parhna parho likha likhna wajah liye lye taake takay
insaan haqeeqat hakoomat hukumat qaum awaam mulk ameer ghareeb gareeb dushman izzat sharam besharam
"""
_ARABIC = """
ana enta enti inta inti ntoma huwa hiya howa heya ehna e7na hna 7na ntouma houma humma fi fil mish mesh mch
mech mouch mosh mafi mafish mafeesh maku aku shu sho shno shnu chnou chnowa chnoua wesh wach wech ach ech
esh eish aish leh leih lesh leish 3lech 3lash 3ala 3al 3la 3an 3and 3andi 3andna 3andek 3andou 3andhom kif
kifash kifach kifeh kifech keef keif win wein wen winek fin fein feen emta imta waqtach wa9t wa9tech bach
bash besh 3ashan 3ashen 3shan 3chan bezaf bzaf barsha barcha yaser kteer ktir kthir awi gedan jiddan kwayes
kwayyes mnih mni7 mlih mli7 behi bahi zwin zwina wallah wallahi walah inshallah inchallah nchallah inshalla
hamdulillah hamdoulilah hamdolah 7amdulillah mashallah machallah ma3lesh ma3lech ma3lich habibi 7abibi
habibti 7abibti khoya khouya kho khti okhti sahbi sa7bi s7abi ya3ni yani 3arabi 3rabi dzayer djazair tounes
tunes masr libnan lebnen 3raq rabi rabbi rabna rebbi allah yarham yer7mou ya5i yakhi yakhi kol koll kolna
kolchi kolshi hadha hatha hada hadi hadi hedha hedhi hadchi hedi hadik hadak hathi haki7a dima daymen daiman
nta nti ntuma hadchi kayen kayn makayn makach makanch mazal mazel bezzaf chwiya chwia daba drok dork ghedda
ghda ghada lbareh flous floos flouss khedma khadma khdma nmchi nmchiw tmchi yemchi ga3 gaa3 kima kifma chkon
hadak hadouk dial dyal dyali dyalna ta3 nta3 mte3 mta3 bte3 bta3 zalameh zalame jama3a 7ada tari2 el2alb
sba7 masa2 kheir kher kifkon kifak kifik shlonak shlonkom shakhbarak 3omri 3ayouni mobarak mabrouk mabrook
7atta hatta lyoum elyom lyom ghodwa ghadwa bokra bukra embare7 mbare7 ams lbare7 nheb n7eb bheb b7eb b7ebak
nhebek n7ebek bhebbak kan kanet kanou kent konna raho rahi rani rak raki rana rahom ghir ghi gheir ken kenet
welah wellah chkoun shkun meen mnin mnein mneen tab3an akid akeed sa7 sah elli illi lli eli alli walla wala
wella aywa aywah naam laa kalam klem klam nas ennas chaab sha3b el3 elhal 7al
"""
_ENGLISH_WORDS = """
the of and to in is that it was for on are with as his they at be this from have by had not but what all
were when we there can an your which their said if do will each about how up out them then she many some so
these would other into has more her two like him see time could no make than first been its who now people
my made over did down only way find use may water long little very after words called just where most know
get through back much before go good new write our me man too any day same right look think also around
another came come work three must because does part even place well such here take why things help put years
away again off went old number great tell men say small every found still between name should home big give
air line set own under read last never us left end along while might next sound below saw something thought
both few those always looked show large often together asked house don't world going want i'm you he she i a
"""
_ENGLISH = frozenset(_ENGLISH_WORDS.split())
_ONLY_ENGLISH_WORDS = """
the and of is are was were with that this have has had from they which will would their what said who you
your not but his it its been about when where there because should could than then these those after before
into our we my being did does do how why while though through every other some any many only just very today
"""
_ONLY_ENGLISH = frozenset(_ONLY_ENGLISH_WORDS.split()) - {"do", "we", "did", "some"}
_SHARED = _ENGLISH | {
    "or",
    "to",
    "is",
    "do",
    "hi",
    "me",
    "he",
    "us",
    "par",
    "kal",
    "ham",
    "din",
    "main",
    "log",
    "bas",
}
_VOCABULARIES = {
    "ur-Latn": frozenset(_URDU.split()) - _SHARED,
    "ar-Latn": frozenset(_ARABIC.split())
    - _SHARED
    - {"allah", "fin", "ken", "kan", "sah", "kho", "ach", "ech", "rana"},
}
