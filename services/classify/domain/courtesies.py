"""Greetings and sign-offs, in the languages of the examples: they say nothing of what somebody wants, and are not read for it."""

import re

_GREETING = (
    r"hi|hello|hey|dear|good (?:morning|afternoon|evening|day)|greetings|to whom it may concern|"
    r"hallo|moin|grüß gott|guten (?:tag|morgen|abend)|sehr geehrte[rs]?|liebe[rs]?|"
    r"bonjour|bonsoir|salut|madame|monsieur|chers?|chères?|hola|"
    r"estimad[oa]s?|buen[oa]s (?:días|tardes|noches)|buen día|"
    r"buongiorno|buonasera|salve|ciao|gentil[ei]|egregi[oa]?|spettabile|"
    r"olá|oi|bom dia|boa (?:tarde|noite)|car[oa]s?|prezad[oa]s?|"
    r"goede(?:morgen|middag|navond)|goedendag|beste|geachte|dag|hej|"
    r"hei|heisann|god (?:morgon|morgen|dag|kväll|aften|ettermiddag)|"
    r"goddag|godmorgen|kære|kjære|hyvää (?:päivää|huomenta)|moi|tere|labas|sveiki|"
    r"dzień dobry|witam|cześć|szanowni państwo|dobrý den|ahoj|"
    r"vážení|dobar dan|poštovani|zdravo|bună ziua|bună|stimați|"
    r"jó napot|tisztelt|üdvözlöm|kedves|merhabalar?|iyi günler|sayın|selam|γεια σας|καλημέρα(?: σας)?|"
    r"здравствуйте|добрый (?:день|вечер)|доброе утро|привет|уважаемые|добрий день|доброго дня|вітаю|здравейте|"
    r"مرحبا|السلام عليكم|تحية طيبة|שלום|नमस्ते|xin chào|chào|halo|selamat (?:pagi|siang|sore)|สวัสดี(?:ครับ|ค่ะ)?|"
    r"お世話になっております|はじめまして|こんにちは|突然のご連絡失礼(?:いた)?します|您好|你好|贵公司好|안녕하세요|안녕하십니까"
)
_OPENING = re.compile(
    rf"\s*(?:{_GREETING})(?:(?: there)?\s*[,!.:。！，、؛،–—]+|"
    r"(?: [^\W\d_][\w.'’&-]*){1,3}\s*[,!:，！،–—]+|[^,!.:\n]{0,40}\n)\s*",
    re.IGNORECASE,
)
_WISHES = re.compile(
    r"(?<![\w])(?:(?:i )?(?:hope|trust) (?:you(?:['’]re| are)?|this|that|all|everyone|your|everything|the)\b[^.!?,\n;]{0,40}?"
    r"\b(?:well|fine|great|good|safe|nice|lovely|wonderful)\b[^.!?\n,;]{0,30}|"
    r"(?:ich )?(?:hoffe|hoffen),? (?:es|dass es|ihnen|euch|sie|ihr)[^.!?,\n;]{0,30}?\b(?:gut|wohl)\b[^.!?\n,;]{0,20}|"
    r"(?:j['’])?esp[éè]r(?:e|ons) que (?:vous|tout|ce)[^.!?,\n;]{0,30}?\b(?:bien|forme)\b|"
    r"espero que (?:est[ée]|se encuentr|tod|esteja|tudo)[^.!?,\n;]{0,30}?\b(?:bien|bem)\b|"
    r"spero (?:che )?(?:stia|tutto|vada)[^.!?,\n;]{0,20}?\bbene\b|"
    r"hopelijk (?:gaat|is) alles[^.!?,\n;]{0,20}?\b(?:goed|wel)\b|"
    r"ik hoop dat (?:het|alles)[^.!?,\n;]{0,30}?\bgoed\b[^.!?\n,;]{0,10}|"
    r"(?:jag )?hoppas (?:att )?(?:allt|du|ni)[^.!?,\n;]{0,20}?\b(?:bra|väl)\b|"
    r"(?:jeg )?håber[^.!?,\n;]{0,20}?\bgodt\b|"
    r"(?:jeg )?håper[^.!?,\n;]{0,20}?\bbra\b|toivottavasti kaikki hyvin|"
    r"mam nadzieję, że u (?:państwa|pana|pani|was)[^.!?,\n;]{0,20}?\bdobrze\b|"
    r"doufám, že se (?:vám|máte)[^.!?,\n;]{0,20}?\bdobře\b|"
    r"remélem,? (?:jól|minden)[^.!?,\n;]{0,20}?|umarım (?:iyi|her şey)[^.!?,\n;]{0,20}?|"
    r"sper că (?:sunteți|sunteti|totul)[^.!?,\n;]{0,20}?\bbine\b|"
    r"надеюсь, (?:у вас|что у вас|вы)[^.!?,\n;]{0,20}?\b(?:хорошо|порядке)\b|"
    r"сподіваюся, (?:у вас|ви)[^.!?,\n;]{0,20}?\bдобре\b|"
    r"أتمنى أن تكونوا? بخير|आशा है (?:कि )?आप अच्छे हैं|希望一切顺利|잘 지내시죠)",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"(?<![\w])(?:(?:with )?(?:kind|best|warm|kindest|warmest|many)(?: regards| wishes)|"
    r"regards|sincerely|yours (?:sincerely|truly|faithfully)|"
    r"cheers|best\s*,|(?:many )?thanks(?: so much| a lot| again| and| in advance)?(?:\s*[,!.\n–-]|$)|"
    r"thank you(?: so much| very much| again| in advance| for your (?:time|help|consideration))*\s*[,!.\n]|"
    r"looking forward to (?:hearing|your|speaking|talking)|have a (?:great|nice|good) (?:day|week|weekend)|"
    r"mit (?:freundlichen|besten|herzlichen) grüßen|"
    r"(?:viele|beste|freundliche|herzliche|liebe|schöne) grüße|(?:vielen )?dank (?:im voraus|vorab|und)|"
    r"cordialement|bien (?:cordialement|à vous)|merci d['’]avance|"
    r"bonne journée|dans l['’]attente de votre|salutations|"
    r"(?:un )?(?:cordial )?saludos?|atentamente|gracias de antemano|"
    r"quedo a la espera|cordiali saluti|distinti saluti|un saluto|grazie mille e|"
    r"com os melhores cumprimentos|atenciosamente|cumprimentos|obrigad[oa]\s*[,!.]|abraço|"
    r"met vriendelijke groet(?:en)?|alvast bedankt|groet(?:en|jes)?\s*[,\n]|"
    r"med vänlig(?:a)? hälsning(?:ar)?|vänliga hälsningar|tack på förhand|"
    r"(?:med )?venlig hilsen|på forhånd tak|(?:med )?vennlig hilsen|på forhånd takk|ystävällisin terveisin|terveisin|"
    r"pozdrawiam|z poważaniem|z góry dziękuję|s pozdravem|předem děkuji|üdvözlettel|előre is köszönöm|"
    r"saygılarımla|şimdiden teşekkürler|cu stimă|cu respect|mulțumesc anticipat|"
    r"с уважением|заранее спасибо|з повагою|дякую заздалегідь|"
    r"με εκτίμηση|مع أطيب التحيات|شكرا جزيلا مقدما|trân trọng|salam(?: hormat)?|धन्यवाद|सादर|"
    r"(?:どうぞ)?よろしくお願い(?:いた|致)?します|ご連絡お待ちしております|"
    r"此致|谢谢|期待您的回复|감사합니다|답변 기다리겠습니다)",
    re.IGNORECASE,
)
CLOSES_WITHIN = 160
"""A sign-off stands in so many last characters; from it on there is a name, a role and a firm."""


def without_courtesies(text: str) -> str:
    """The text with blanks in place of greetings, wishes and sign-offs: it keeps its length.

    A text of nothing else is returned whole. A "thanks" with a question behind it is no sign-off.
    """
    kept = text
    opening = _OPENING.match(kept)
    if opening is not None:
        kept = " " * opening.end() + kept[opening.end() :]
    kept = _WISHES.sub(lambda wish: " " * len(wish.group()), kept)
    for closing in _CLOSING.finditer(kept, max(0, len(kept.rstrip()) - CLOSES_WITHIN)):
        rest = kept[closing.end() :]
        if "?" not in rest and "？" not in rest:
            kept = kept[: closing.start()] + " " * (len(kept) - closing.start())
            break
    return kept if any(letter.isalnum() for letter in kept) else text
