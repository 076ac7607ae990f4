"""Words of each language that claim nothing: a model may use them around the lead's own words. No negation is among them,
nobody who speaks ("we", "I"), no verb of promising, offering or selling. Japanese and Chinese have none: there a model may
only use approved sentences and quotations."""

from collections.abc import Iterable

NEUTRAL = {
    "en": """you your yours the a an of to for in on at by with and or as that this is are be it its from about want would
        like need looking wrote mentioned said message asked asking way so more which when while how see understand
        understood describe described""",
    "de": """sie ihr ihre ihren ihrem ihrer ihnen der die das den dem des ein eine einen einem einer und oder zu zum zur
        für in im am an auf mit von über als dass dies diese ist sind es möchten wollen suchen brauchen schreiben schrieben
        schildern geht um so mehr wie wenn""",
    "nl": """u uw de het een van te voor in op aan bij met en of als dat dit is zijn er over wilt zoekt vraagt schrijft
        schreef zoals hoe wanneer meer naar om""",
    "fr": """vous votre vos le la les l un une des de du d à au aux pour dans sur en avec et ou que qui ce cette est sont il
        souhaitez voulez cherchez écrivez évoquez décrivez besoin avez comme plus comment quand s se""",
    "es": """usted su sus el la los las un una unos unas de del a al para en por con y o que este esta es son lo desea
        quiere busca necesita escribe menciona describe como más cuando se""",
    "it": """lei suo sua suoi sue il lo la i gli le l un uno una di del della dei delle d a al alla per in nel nella con e o
        che questo questa è sono desidera vuole cerca scrive descrive come più quando si""",
    "pt": """o a os as um uma de do da dos das para em no na nos nas por com e ou que este esta é são seu sua seus suas
        deseja quer procura precisa escreve descreve como mais quando se""",
    "pl": """w we z ze na do o od dla i oraz lub że to ten ta jest są pan pani państwo państwa chodzi szuka potrzebuje pisze
        jak więcej kiedy się""",
    "sv": """du din ditt dina ni er ert era den det de en ett av att för i på med och eller som är om vill söker behöver
        skriver beskriver hur mer när""",
    "da": """du din dit dine i jer jeres den det de en et af at for på med og eller som er om vil søger skriver beskriver
        hvordan mere når har brug""",
    "nb": """du din ditt dine dere deres den det de en et ei av å at for i på med og eller som er om vil søker trenger skriver
        beskriver hvordan mer når""",
    "cs": """vy vás vám váš vaše vaši v ve z ze na do o od pro a i nebo že to ten ta je jsou jde chcete hledáte potřebujete
        píšete jak více když se s""",
    "ru": """вы вас вам ваш ваша ваше ваши в во на с со из к по о об для и или что это как хотите ищете нужно нужна нужен
        нужны пишете написали описали более когда""",
    "tr": """siz sizin size sizi bir bu şu ve veya ile için de da daha nasıl olarak istiyorsunuz arıyorsunuz yazıyorsunuz
        yazdınız belirttiniz""",
    "ar": """في من إلى على عن مع أن ما هذا هذه و أو كما أكثر كيف عند لكم لديكم ترغبون تريدون تبحثون كتبتم ذكرتم""",
}


def neutral_words(language: str) -> frozenset[str]:
    """The neutral words of a language (ISO 639-1), case-folded; none for a language without a list."""
    return frozenset(NEUTRAL.get(language, "").casefold().split())


SPEAKERS = {
    "en": "we we're we'll we've we'd our ours us i i'm i'll i've i'd my mine me",
    "de": "wir unser unsere unseren unserem unserer uns ich mein meine meinen mir mich",
    "nl": "wij we ons onze ik mijn mij",
    "fr": "nous notre nos je j j'ai mon ma mes me on",
    "es": "nosotros nosotras nuestro nuestra nuestros nuestras nos yo mi mis me",
    "it": "noi nostro nostra nostri nostre ci io mio mia mi",
    "pt": "nós nosso nossa nossos nossas nos eu meu minha me",
    "pl": "my nasz nasza nasze nas nam ja mój moja mnie mi",
    "sv": "vi vår vårt våra oss jag min mitt mig",
    "da": "vi vores os jeg min mit mig",
    "nb": "vi vår vårt våre oss jeg min mitt meg",
    "cs": "my náš naše naši nás nám já můj moje mě mi",
    "ru": "мы наш наша наше наши нас нам я мой моя меня мне",
    "tr": "biz bizim bize ben benim bana",
    "ar": "نحن لدينا لنا أنا لي",
}
"""Whoever says these speaks for us, or as the lead: outside a quotation only an approved sentence does."""


NEGATIONS = {
    "en": """no not never none nobody nothing without cannot can't don't doesn't didn't won't isn't aren't wasn't haven't
        hasn't wouldn't dont""",
    "de": "nicht kein keine keinen keinem keiner nie niemals ohne nichts niemand",
    "nl": "niet geen nooit zonder niets niemand",
    "fr": "ne n pas jamais sans aucun aucune rien personne non",
    "es": "no nunca sin ningún ninguna nada nadie ni",
    "it": "non mai senza nessun nessuna niente nulla né",
    "pt": "não nunca sem nenhum nenhuma nada ninguém nem",
    "pl": "nie nigdy bez żaden żadna nic nikt ani",
    "sv": "inte aldrig utan ingen inget inga ej",
    "da": "ikke aldrig uden ingen intet",
    "nb": "ikke aldri uten ingen intet",
    "cs": "ne není nejsou nikdy bez žádný žádná nic nikdo nechceme nepotřebujeme",
    "ru": "не нет никогда без ни ничего никто",
    "tr": "değil yok hiç asla istemiyoruz",
    "ar": "لا ليس لم لن غير بدون بلا",
}


def negates(words: Iterable[str], language: str) -> bool:
    """Whether some of these case-folded words say no: then they can be quoted, and not be told in other words."""
    said = frozenset(f"{NEGATIONS.get(language, '')} {NEGATIONS['en']}".casefold().split())
    return any(word in said or word.endswith(("n't", "n’t")) for word in words)


def speakers(language: str) -> frozenset[str]:
    """The words of a language by which somebody speaks of themselves, case-folded, with English's: messages mix it in."""
    return frozenset(f"{SPEAKERS.get(language, '')} {SPEAKERS['en']}".casefold().split())
