"""Other scripts, other languages of Latin script, and Urdu and Arabic typed in it."""

import pytest

from translations.detect import detect

OTHER_SCRIPTS = [
    ("ru", "Сегодня утром в городе прошёл сильный дождь, и несколько улиц закрыты."),
    ("ru", "Привет, мир! Как дела?"),
    ("uk", "Сьогодні вранці в місті пройшов сильний дощ."),
    ("hi", "आज सुबह से शहर में तेज़ बारिश हो रही है और कई सड़कें बंद हैं।"),
    ("he", "הבוקר ירד גשם חזק בעיר וכמה רחובות נסגרו."),
    ("zh-Hans", "今天早上城里下了大雨，几条路关闭了。"),
    ("ja", "今朝、町で大雨が降り、いくつかの道路が閉鎖されました。"),
    ("ko", "오늘 아침 시내에 비가 많이 와서 길이 막혔습니다."),
    ("el", "Σήμερα το πρωί έβρεξε πολύ στην πόλη."),
    ("pa", "ਅੱਜ ਸਵੇਰ ਤੋਂ ਸ਼ਹਿਰ ਵਿੱਚ ਬਹੁਤ ਮੀਂਹ ਪੈ ਰਿਹਾ ਹੈ।"),
    ("ka", "დღეს დილით ქალაქში ძლიერი წვიმა იყო."),
    ("hy", "Այսօր առավոտյան քաղաքում ուժեղ անձրև եկավ։"),
    ("am", "ዛሬ ጠዋት በከተማው ከባድ ዝናብ ዘነበ።"),
    ("fr", "Ce matin il a beaucoup plu en ville et plusieurs routes sont fermées."),
    ("de", "Heute Morgen hat es in der Stadt stark geregnet, mehrere Straßen sind gesperrt."),
    ("es", "Esta mañana llovió mucho en la ciudad y varias calles están cerradas."),
    ("tr", "Bu sabah şehirde çok yağmur yağdı ve birkaç yol kapandı."),
    ("id", "Pagi ini hujan deras turun di kota dan beberapa jalan ditutup."),
    ("uz", "Bugun ertalab shaharda kuchli yomgʻir yogʻdi va bir nechta yoʻl yopildi."),
]


@pytest.mark.parametrize(("language", "text"), OTHER_SCRIPTS)
def test_other_languages_keep_their_names(language: str, text: str) -> None:
    assert detect(text).language == language


ROMANISED = [
    ("ur-Latn", "aaj subah se bohat tez barish ho rahi hai aur sab log ghar mein hain"),
    ("ur-Latn", "mujhe nahi pata tha ke aap kal aa rahe hain, pehle kyun nahi bataya"),
    ("ur-Latn", "Yaar ye match bohat acha tha lekin humari team haar gayi"),
    ("ur-Latn", "bijlee phir chali gayi"),
    ("ur-Latn", "Mehngai ne awam ki kamar tor di"),
    ("ur-Latn", "subah se paani nahi aya gali mein"),
    ("ar-Latn", "wesh khoya labes 3lik"),
    ("ar-Latn", "chokran bezaf 3la koulchi"),
    ("ar-Latn", "wallah ma 3andi wa9t lyoum, bokra inshallah"),
    ("ar-Latn", "ya habibi kifek enta, wen kont mbare7?"),
    ("en", "Zubair Durrani and Gulalai Achakzai met Naseebullah Tareen in Zhob on Friday"),
    ("en", "Mawlawi Sadiqullah, Lutfullah Hakimi and Qudratullah Jamal arrived in Taloqan"),
    ("en", "Shaheed Benazir Bhutto University Peshawar"),
    ("en", "My mp3 player and the F16"),
    ("tr", "Kadın sürekli olarak konuştu ve dedi ki bu hayat çok zor"),
    ("so", "Waxaa jira dad badan oo ka yimid magaalada iska leh"),
    ("id", "Dia menendang bola ke arah gawang agar menang"),
    ("fr", "Il se dit que la vie est dure mais il se lève"),
    ("en", "Allah is great, inshallah we will meet in Karachi after Eid"),
    ("en", "Chai and naan with dal at Habib's place in Quetta were great"),
]


@pytest.mark.parametrize(("language", "text"), ROMANISED)
def test_romanised_posts_are_not_english_and_names_do_not_make_english_romanised(
    language: str, text: str
) -> None:
    assert detect(text).language == language
