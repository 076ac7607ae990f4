"""Function words and letters that tell languages apart, written down by hand; ISO 639-1 codes."""

from collections.abc import Mapping

FUNCTION_WORDS: Mapping[str, str] = {
    "en": """the we you and is are for our your of with this that have how what to not can my it please thanks would
        need who does
        do i be on from but there where when want looking hi hello an at by if or will they was about could me us
        would's don't
        i'd we'd call pls much any which too has their it's we're don’t""",
    "de": """der die das und ist wir sie ich nicht mit für fuer ein eine einen bitte auf haben von zu den dem wie
        können koennen
        uns unser unsere unserem sind im bei kann was hätte haette gerne gern möchten moechten möchte suchen brauchen
        es auch am
        oder kostet mich mir ihr ihnen dass noch nur keine werden wird guten würden wuerden zum zur als hallo gegen
        unter beide kein keinen einem einer deren derselben dieser diese bis pro""",
    "fr": """le la les nous vous et est une des pour de du je avec dans pas ne que qui sur notre nos votre mon ma ça
        ca au aux
        sont être avons bonjour merci pouvez voudrais combien souhaite svp en un on ce cette mes même coûte toute
        tout plus c'est
        d'un j'ai qu'il cherchons besoin mais il elle chaque sans leur leurs ces nouveaux après""",
    "es": """el la los las y es una para de que con en nuestro nuestra por un se del cuánto cuanto cómo como hola
        gracias
        necesitamos queremos quiero tenemos favor más pero mi me su muy sin están hay usamos pueden algo lo le no al
        nos
        buscamos tienen precio cuesta son estoy""",
    "it": """il lo la gli e è una per di che con nostro nostra un del della dei delle nel sono siamo abbiamo non mi
        ci vorrei
        quanto come grazie buongiorno nessuno più anche da si cerchiamo potete i al alla troppi mia mio ma nei costa
        ha hanno questo questa negli anni ogni senza tra tre""",
    "nl": """de het een en is wij we u voor van met ons onze niet kunt kan graag ik wil zoeken hebben wat hoe dat die
        op te zijn
        mijn elke er naar bij om ook maar mij geen aan deze uit dezelfde krijgen kost worden jullie hallo""",
    "pt": """o a os as e é uma para de que com em nosso nossa por um do da dos das no na não quanto como obrigado
        obrigada
        gostaria precisamos queremos temos minha meu nos ao sabemos quais são mais também você vocês olá podem
        procuramos se custa""",
    "pl": """i w na z do nie się sie jest dla nasz nasza naszego nam proszę prosze czy jak to o że ze my chcielibyśmy
        szukamy ile
        mamy po od są sa mozecie możecie dzień dobry oraz nas chcemy kosztuje potrzebujemy przez za jutro""",
    "sv": """och att är vi för en ett med på inte kan ni jag vill ha vad det som till av från vår vårt våra min mitt
        har om hur mig
        er oss den de i men hej tack letar kostar också""",
    "da": """og at er vi for en et med på ikke kan i jeg vil have hvad det som til af fra vores min mit har om
        hvordan mig jer os
        gerne den de men hej tak leder koster også hver""",
    "no": """og at er vi for en et med på ikke kan dere jeg vil ha hva det som til av fra vår vårt våre min mitt har
        om hvordan
        meg oss gjerne den de men hei takk ser etter koster også jeg i""",
    "fi": """ja on ei me se että meidän minulle voitteko haluaisin olemme tämä mutta kuinka paljon paljonko myös
        kanssa ovat teidän
        minä hei kiitos joka tai kun jos meille mitä etsimme onko maksaa haluamme""",
    "cs": """a je se na v pro že my jsme jsem náš naše nám mi prosím jak kolik dobrý den chtěli bychom můžete hledáme
        nebo ale
        máme od do to s k potřebujeme které""",
    "sk": """a je sa na v pre že my sme som náš naše nám mi prosím ako koľko dobrý deň chceli by môžete hľadáme alebo
        ale máme od
        do to s k potrebujeme ktoré ďakujem""",
    "ro": """și si este pentru de un o cu în nu noi vă va rog să sa că din la care sunt avem nostru noastră cât cat
        bună ziua
        mulțumesc vrem căutăm costă mă mâine""",
    "hu": """a az és egy nem hogy van is mi kérem szeretnénk köszönöm mennyi mennyibe vagy de nekünk meg keresünk
        kerül csak
        ez lehet jó napot szeretnék""",
    "tr": """ve bir için bu ne de da mi mı ile çok var olarak kadar istiyoruz merhaba lütfen nasıl bizim biz arıyoruz
        misiniz
        mısınız teşekkürler beni bana değil ama fiyatı""",
    "hr": """i je za na u se da ne mi nam smo su li kako koliko molim hvala naš naša ili ali tražimo trebamo dobar dan
        od s možete""",
    "sl": """in je za na v se da ne mi nam smo so ali kako koliko prosim hvala naš naša iščemo potrebujemo dober dan od z me""",
    "et": """ja on ei me see et meie kui palju tere palun aitäh või ka jaoks otsime soovime maksab teie kas""",
    "lt": """ir yra ne mes kad mūsų kiek kaip labas prašome ačiū arba su į iš ieškome norime mums jūsų ar""",
    "lv": """un ir nav mēs ka mūsu cik kā labdien lūdzu paldies vai ar uz no meklējam vēlamies mums jūsu par""",
    "ca": """el la els les i és una per de que amb en nostre nostra un del hola gràcies necessitem volem tenim
        busquem als però més
        quant""",
    "vi": """chúng tôi là và của cho các một không có với này được cần xin chào bạn giá bao nhiêu đang muốn""",
    "id": """dan yang di untuk dengan kami ini itu tidak saya ada dari kita berapa mohon terima kasih anda mencari
        ingin harga apa
        bisa""",
    "ru": """и в не на что мы я вы для как нам нас это с по у нужна нужно нужен сколько здравствуйте пожалуйста
        мне но от есть за цена""",
    "uk": "і в не на що ми я ви для як нам нас це з по у потрібна потрібно скільки добрий будь ласка мені але від є за та",
    "bg": "и в не на че ние аз вие за как ни се това с по у колко здравейте моля ми но от има сме да ли ще търсим е цена",
    "sr": "и у не на да ми ја ви за како нам се то са по колико здраво молим али од има смо је",
}  # fmt: skip
LETTERS: Mapping[str, str] = {
    "ß": "de", "ä": "de sv fi et sk", "ö": "de sv fi tr hu et", "ü": "de tr hu et", "å": "sv da no", "ø": "da no", "æ": "da no",
    "ñ": "es", "¿": "es", "¡": "es", "ç": "fr pt tr ca", "œ": "fr", "ê": "fr pt vi", "è": "fr it ca", "à": "fr it pt ca vi",
    "ù": "fr it", "ì": "it", "ò": "it ca", "ã": "pt vi", "õ": "pt et", "ł": "pl", "ż": "pl", "ź": "pl", "ń": "pl", "ś": "pl",
    "ę": "pl lt", "ą": "pl lt", "ć": "pl hr", "ě": "cs", "ř": "cs", "ů": "cs", "ľ": "sk", "ĺ": "sk", "ŕ": "sk", "ô": "sk fr",
    "č": "cs sk hr sl lt lv", "š": "cs sk hr sl lt lv et", "ž": "cs sk hr sl lt lv et",
    "đ": "hr vi", "ă": "ro vi", "â": "ro fr pt",
    "î": "ro fr", "ș": "ro", "ț": "ro", "ş": "tr", "ğ": "tr", "ı": "tr", "ő": "hu", "ű": "hu", "ė": "lt", "ų": "lt", "į": "lt",
    "ū": "lt lv", "ģ": "lv", "ķ": "lv", "ļ": "lv", "ņ": "lv", "ā": "lv", "ē": "lv", "ī": "lv", "ơ": "vi", "ư": "vi",
    "ạ": "vi", "ệ": "vi", "ế": "vi", "ộ": "vi",
}  # fmt: skip
"""A letter with the languages that have it; one that few have counts more."""
CYRILLIC_LETTERS: Mapping[str, str] = {"ы": "ru", "э": "ru", "ё": "ru", "і": "uk", "ї": "uk", "є": "uk", "ґ": "uk",
                                       "ј": "sr", "љ": "sr", "њ": "sr", "ћ": "sr", "ђ": "sr", "џ": "sr"}  # fmt: skip
FOREIGN_CYRILLIC = frozenset("ўѓќѕәғқңөұүһӣӯ")
"""Belarusian, Macedonian, Kazakh, Tajik: not told apart."""
ARABIC_LETTERS: Mapping[str, str] = {"پ": "fa", "چ": "fa", "ژ": "fa", "گ": "fa", "ک": "fa", "ی": "fa",
                                     "ٹ": "ur", "ڈ": "ur", "ڑ": "ur", "ے": "ur", "ں": "ur"}  # fmt: skip
CHINESE_WORDS = frozenset(
    "我们們你您吗嗎请这這从從为為没沒裡哪么麼户资现过库销对发时间话问题报单错给让还样开关门东车长见页订货热线务团队产业联实应认识处细说语谢译较轻输转运费购买卖"
)
"""Signs that Japanese does not have: simplified ones, and pronouns and particles of Chinese."""
SCRIPTS = (
    ("latin", "a-zA-ZÀ-ÖØ-öø-ɏḀ-ỿ"),
    ("cyrillic", "\u0400-\u052f"),
    ("greek", "\u0370-\u03ff\u1f00-\u1fff"),
    ("hebrew", "\u0590-\u05ff"),
    ("arabic", "\u0600-\u06ff\u0750-\u077f"),
    ("hindi", "\u0900-\u097f"),
    ("thai", "\u0e00-\u0e7f"),
    ("kana", "\u3040-\u30ff"),
    ("han", "\u3400-\u9fff\u3005"),
    ("hangul", "\uac00-\ud7a3\u1100-\u11ff"),
)
ONE_LANGUAGE = {"greek": "el", "hebrew": "he", "hindi": "hi", "thai": "th", "hangul": "ko", "kana": "ja"}
"""Scripts that one language of ours is written in."""
SIGN_WORTH = {"han": 3.0, "kana": 2.0, "hangul": 2.5}
"""How many Latin letters a sign is worth: a word is shorter in these."""
