"""Openings and closings by language: copies of examples in them teach the model that courtesies say nothing."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from services.classify.labelled import Example

COPY_WEIGHT = 0.5
"""A copy counts half of the message that it is made of."""
COURTESIES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "en": (
        ("Hello, I hope you are well.", "Hi there!", "Dear Sir or Madam,", "Good morning team, hope you had a nice weekend.",
         "Hi, I found you through a colleague.", "Hello, we met at the fair last week.", "To whom it may concern:",
         "Hi, quick one.", "Hope this finds you well."),
        ("Kind regards from Rotterdam", "Best, Tom", "Thanks a lot in advance!", "Regards, Maria Lopez, Acme Ltd",
         "Looking forward to hearing from you.", "Thank you for your time.", "Cheers", "Have a great day!"),
    ),
    "de": (
        ("Hallo zusammen,", "Sehr geehrte Damen und Herren,", "Guten Tag, ich hoffe, es geht Ihnen gut.", "Moin,", "Grüß Gott!"),
        ("Mit freundlichen Grüßen, Anna Weber", "Vielen Dank und viele Grüße", "Beste Grüße aus Hamburg", "Danke vorab!"),
    ),
    "fr": (
        ("Bonjour, j'espère que vous allez bien.", "Madame, Monsieur,", "Bonjour à toute l'équipe !"),
        ("Cordialement, Paul Martin", "Merci d'avance", "Bonne journée à vous", "Dans l'attente de votre retour"),
    ),
    "es": (
        ("Hola, espero que estén bien.", "Estimados señores:", "Buenos días a todos."),
        ("Un saludo, Carmen", "Gracias de antemano", "Quedo a la espera de su respuesta"),
    ),
    "it": (("Buongiorno, spero stiate bene.", "Gentili signori,"), ("Cordiali saluti, Luca", "Grazie mille e buona giornata")),
    "pt": (("Bom dia, espero que estejam bem.", "Olá a todos!"), ("Obrigado, João", "Com os melhores cumprimentos")),
    "nl": (("Goedemiddag, hopelijk gaat alles goed.", "Beste mensen,"), ("Met vriendelijke groet, Jan", "Alvast bedankt")),
    "pl": (("Dzień dobry, mam nadzieję, że u Państwa wszystko dobrze.", "Witam,"), ("Pozdrawiam, Ewa", "Z góry dziękuję")),
    "sv": (("Hej, hoppas allt är bra!", "God morgon,"), ("Med vänlig hälsning, Erik", "Tack på förhand")),
    "da": (("Hej, jeg håber I har det godt.", "Goddag,"), ("Venlig hilsen, Mette", "På forhånd tak")),
    "nb": (("Hei, håper alt er bra.", "God dag,"), ("Vennlig hilsen, Kari", "Takk på forhånd")),
    "fi": (("Hei, toivottavasti kaikki hyvin.",), ("Ystävällisin terveisin, Matti", "Kiitos etukäteen")),
    "cs": (("Dobrý den, doufám, že se máte dobře.",), ("S pozdravem, Petr", "Předem děkuji")),
    "hu": (("Jó napot, remélem, jól vannak.",), ("Üdvözlettel, Gábor", "Előre is köszönöm")),
    "tr": (("Merhaba, umarım iyisinizdir.",), ("Saygılarımla, Ayşe", "Şimdiden teşekkürler")),
    "ru": (("Здравствуйте, надеюсь, у вас всё хорошо.",), ("С уважением, Иван", "Заранее спасибо")),
    "uk": (("Доброго дня, сподіваюся, у вас усе добре.",), ("З повагою, Олена", "Дякую заздалегідь")),
    "ja": (("お世話になっております。", "突然のご連絡失礼いたします。"), ("どうぞよろしくお願いいたします。", "ご連絡お待ちしております。")),
    "zh": (("您好，希望一切顺利。", "贵公司好！"), ("谢谢，王伟", "期待您的回复。")),
    "ko": (("안녕하세요, 잘 지내시죠?",), ("감사합니다.", "답변 기다리겠습니다.")),
    "ar": (("مرحبا، أتمنى أن تكونوا بخير.",), ("شكرا جزيلا مقدما", "مع أطيب التحيات")),
    "hi": (("नमस्ते, आशा है आप अच्छे हैं।",), ("धन्यवाद", "सादर")),
    "ro": (("Bună ziua, sper că sunteți bine.",), ("Cu stimă, Andrei", "Mulțumesc anticipat")),
}  # fmt: skip


def with_courtesies(examples: Sequence[Example]) -> list[Example]:
    """A copy of each example between courtesies of its language, English ones where there are none; the same each time."""
    return [_copy(example) for example in examples]


def _copy(example: Example) -> Example:
    openings, closings = COURTESIES.get(example.language, COURTESIES["en"])
    chance = hashlib.sha256(example.text.encode()).digest()
    text = example.text
    if chance[2] % 4 != 0:  # some copies only get one of both
        text = f"{openings[chance[0] % len(openings)]} {text}"
    if chance[2] % 4 != 1:
        text = f"{text}{'' if text.rstrip()[-1:] in '.!?。' else '.'} {closings[chance[1] % len(closings)]}"
    return replace(example, text=text, weight=example.weight * COPY_WEIGHT, is_copy=True)
