"""Sentences that do not speak to people although each of their words might: notes to a system, remarks for the internal handling,
verdicts about the sender, lists of our own fields.

All patterns are of text without case and accents. A person says "we", "our" and "it is urgent"; nobody tells a company's
people what "the sender" is, what the result of its check was, or which owner and use case its form is to get.
"""

import re

from libs.injection.views import listed

MACHINES = (
    r"(?:systems?|systeme?|software|filters?|filtro|filtre|form|formular|routers?|crm|robots?|robota?|bots?|program|"
    r"programm|programme|"
    r"algorithms?|algorithmus|algorithme|algoritmo|algorytmu|engine|parser|automation|automat|automate|script|"
    r"qualifiers?|scorers?|"
    r"classifiers?|machine|maschine|computer|ki|ai|ia|llm|models?|modell|modele|modelo|modello|sistema|systeem|systemu|"
    r"sistem|sisteme|"
    r"yazilim\w*|систем\w*|робот\w*|бот\w*|фильтр\w*|программ\w*|модел\w*)"
)
"""Whom a note that people never read is for."""
_TO = (
    r"(?:to|for|an|fur|pour|a|au|aux|al|alla|ao|para|per|aan|voor|do|dla|для|till|til)\s+"
    r"(?:(?:the|your|our|any|all|das|die|den|der|le|la|les|l'|el|il|lo|los|o|os|de|het|jullie|votre|ihr|euer|dein)\s*)?"
)
_NOTE = (
    r"(?:p\.?\s?p?\.?s\.?|note|message|hint|memo|info|information|reminder|instructions?|advice|remark|hinweis|"
    r"nachricht|notiz|"
    r"anmerkung|nota|mensaje|aviso|mensagem|recado|messaggio|avviso|remarque|avis|bericht|opmerking|uwaga|notatka|"
    r"wiadomosc|"
    r"примечание|заметка|сообщение|not|mesaj)"
)
_READING = r"\s+(?:reading|that|which|who|handling|processing|looking|qui|que|che|der|die|das|dat|ktor\w+|котор\w+)\b"
NOTE_TO = re.compile(
    rf"(?<!\w)(?:{_NOTE}\s{{1,3}}(?!\w+ our\b){_TO}|p\.?\s?s\.?\s?[:,–—-]\s?(?:to|an|au?|al|do|"
    rf"aan)\s+(?:\w+\s)?)(?:[\w']+[\s-]){{0,2}}?"
    rf"{MACHINES}(?=\s*[:,]|\s+[-–—]|{_READING})|"
    rf"(?:^|[.!?\n]\s*)\W*(?:to|an|au|al|alla|ao|aan)\s+(?:(?:the|your|das|die|den|le|la|el|il|o|de|"
    rf"het)\s+)?(?:\w+[\s-]){{0,2}}?"
    rf"{MACHINES}(?=\s*:|\s+(?:reading|processing|handling|that reads?|which reads?|who reads?|der|die|das|qui|que|"
    rf"che)\b)|"
    r"(?<!\w)(?:sisteme?|robota|bota|yazilima)\s+(?:not|mesaj)\w*\s*:|"
    r"(?:^|[。!?\n]\s*)\W*(?:(?:システム|ボット|ロボット|フィルター|ai)(?:へ|宛|への)\w{0,6}\s*[:：、]|"
    r"(?:致|给|給|写给)(?:系统|系統|机器人|程序|过滤器|模型|ai)\w{0,6}\s*[:：,，]|"
    r"(?:시스템|봇|로봇|프로그램|ai)(?:에게|용|에)\s?\w{0,6}\s*[:：,]|"
    r"(?:ملاحظة )?(?:الي|الى|إلى|ل)\s?(?:لنظام|النظام|الروبوت|لروبوت|البوت|لبوت|البرنامج)\s*[:،]|"
    r"(?:सिसटम|सिस्टम|बॉट|रोबोट) (?:के लिए|को)(?: \S+)?\s*:)"
)
INTERNAL = re.compile(
    r"(?<!\w)(?:(?:for|zur|fur|pour|para|per|voor|do|dla|для)\s+)?(?:(?:the|die|den|le|la|un|el|il|l'|uw|uso|"
    r"usage)\s*)?"
    r"(?:internal|intern\w*|внутренн\w+|dahili|wewnetrzn\w*)\s+"
    r"(?:processing|use|handling|purposes?|routing|triage|bearbeitung|verwendung|vermerk|gebrauch|gebruik|verwerking|"
    r"uso|обработк\w*|"
    r"использован\w*|kullanim|uzytku)(?: only)?\s*[:：](?!\s*(?:we|our|i|wir|ich|nous|my)\b)|"
    r"(?<!\w)(?:traitement|usage|uso|utilizzo|elaborazione|tratamiento|tratamento|uzytek|uzytku)\s+"
    r"(?:interne|interno|interna|wewnetrzn\w+)\s*[:：]|"
    r"(?<!\w)(?:wichtig )?(?:for|zur|fur|pour|para|per|voor|do|dla|для)\s+(?:(?:the|die|den|le|la|el|il|l'|"
    r"uw)\s*)?automat\w*\s+"
    r"(?:processing|evaluation|handling|scoring|auswertung|verarbeitung|bearbeitung|procesamiento|evaluacion|"
    r"elaborazione|valutazione|"
    r"processamento|verwerking|обработк\w*)\s*[:：]|"
    r"(?:内部处理|內部處理|内部用|社内処理用?|社内用|내부 처리용?|للاستخدام الداخلي|आंतरिक उपयोग)\s*[:：]"
)
_FIRST_PERSON = (
    r"(?:we|our|us|i|my|it|wir|unser\w*|ich|mein\w*|nous|nos|notre|je|nosotros|nuestr\w+|usamos|noi|nostr\w+|nos|nosso|"
    r"wij|we|onze|my|nasz\w*|мы|наш\w*|biz|bizim)"
)
FOR_THE_VERDICT = re.compile(
    r"(?:^|[.!?:;\n]\s*|\s[-–—]\s)\W*(?:for|zur|fur|pour|para|per|voor|dla|для)\s+(?:the|your|die|den|das|le|la|el|il|"
    r"o|a|de|ihre|votre)\s+"
    r"(?:lead )?(?:classification|classement|scoring|routing|evaluation|einstufung|bewertung|klassifi\w+|einordnung|"
    r"clasificacion|"
    r"classificazione|classificacao|valutazione|evaluacion|puntuacion|qualification|qualifizierung|oceny|"
    r"klasyfikacj\w+|оценк\w+|"
    rf"классификац\w+)\s*[,:](?!\s*{_FIRST_PERSON}\b)"
)
_VERDICTS = (
    r"(?:spam|vendors?|sellers?|advertis\w+|students?|studierende\w*|compet\w+|konkurren\w+|wettbewerb\w+|"
    r"job[- ]?(?:seekers?|applicants?)|"
    r"applicants?|bewerber\w*|werbe\w+|estudiantes?|candidat\w*|etudiante?s?|whitelist\w*|trusted|vip|qualified|"
    r"decision[- ]makers?|"
    r"founders?|chief executive\w*|ceo|buyers?|customers?|kunden?|kaufer\w*|acheteurs?|clients?|hot|strong|urgent\w*|"
    r"dringend\w*|"
    r"urgency|priority|high|highest|top|enterprise|fit|junk|advertising|unqualified|worthless)"
)
_VERDICT = re.compile(rf"(?<!\w){_VERDICTS}(?!\w)")
_UNKIND = re.compile(
    r"(?<!\w)(?:spam|vendors?|students?|competitors?|job[- ]?(?:seekers?|applicants?)|applicants?|whitelist\w*|junk|"
    r"advertising|bewerber\w*)(?!\w)"
)
SENDER = re.compile(
    r"(?:^|[.!?:;,\n]\s*|\s[-–—]\s|\b(?:this|that) |\b(?:dieser?|cet|este|questo) )\W*"
    r"(?:sender|submitter|absender\w*|expediteur|remitente|mittente|remetente|afzender|nadawca|отправитель)\s+"
    r"(?!who\b|whose\b|address|domain|name|reputation|adress)|"
    r"\bthe (?:sender|person|contact|author|lead|enquirer|submitter) (?:above|of this|here)\b|"
    r"(?:^|[.!?:;(\n]\s*|\s[-–—]\s)\W*the (?:sender|author|enquirer|submitter) (?:is an?|was an?|has been)\b|"
    r"\b(?:this|the) (?:message|e?-?mail|text|enquiry|inquiry|submission|form|mail)(?: above)? (?:is|was|has been|may|"
    r"must|should|shall|can)\b"
)
_PERSON = re.compile(
    r"sender|submitter|person|contact|author|lead|absender|expediteur|remitente|mittente|remetente|afzender|nadawca|"
    r"отправитель"
)
MUST_BE = re.compile(
    r"\b(?:must|may|should|shall|can|is|are|has|needs)(?: to| not| never)?(?: not| never)? be (?:labell?ed|classified|"
    r"flagged|marked|tagged|"
    r"categori[sz]ed|treated|scored|rated|routed|considered|discarded|filtered)\b"
)
READ_AS = re.compile(
    r"(?<!\w)(?P<verb>mark|flag|label|tag|classify|count|read|score|rate|file|log|treat|regard|consider|handle|rank|"
    r"register|record|interpret)"
    r"(?P<whom> (?:me|us|this|it|him|her|them|everything|all of this|the (?:sender|above|person|message|lead|contact|"
    r"text|mail)(?: above)?))?"
    rf" as (?:(?!\b(?:possible|soon|well)\b)[\w-]+ ){{0,3}}?(?P<as>{_VERDICTS})(?!\w)"
)
OTHERS_AS = re.compile(
    r"(?<!\w)(?:mark|flag|label|tag|classify|treat|count|score|rate|delete|discard|ignore|reject|drop|archive|block|"
    r"route|send|assign)"
    r" (?:all|every|any|each)(?: of)?(?: the| your)?(?: other| future| incoming| new)? (?:leads?|submissions?|"
    r"contacts?|enquir\w+|inquir\w+|"
    rf"requests?|records?|messages?)\b.{{0,60}}(?: as (?:an? )?{_VERDICTS}(?!\w)|\w\.[a-z]{{2,10}}\b|@)"
)
_MILD = re.compile(r"urgent\w*|priority|high|highest|top|customers?|clients?")
"""What people ask for themselves: "please treat this as urgent" is said to people."""
_BEGINS = re.compile(r"(?:^|[.!?:;,(|\[–—-]\s*|\b(?:please|and|then|so|just|also|must|kindly) |\bassistant,? )$")
RESULT = re.compile(
    r"(?:^|[.!?\n>]\s*)\W*(?:(?:check |scan |final |screening )?(?:result|verdict|classified|classification|assessment|"
    r"outcome|rating|ergebnis|einstufung|"
    r"resultat|resultado|risultato|uitslag|wynik|результат|sonuc)|結果|结果|결과|النتيجة|परिणाम)\s*(?:as\b|[:：])"
)
_FIELD = re.compile(
    r"(?:^|[,;|:：(\[{<>•·.!?]\s*|[-*]\s+|\b(?:and|und|et|y|e|en|i|и) )[\s\"'*_]*(?P<name>"
    r"(?P<strong>use[ _-]?case|urgency|(?:company[ _-]?)?fit|intent|segment|lead[ _]?(?:status|stage|score|grade|"
    r"owner)|priority|routing|"
    r"dringlichkeit|prioritat|anwendungsfall|urgence|priorite|cas d'usage|urgencia|prioridad|caso de uso|priorita|"
    r"urgenza|caso d'uso|"
    r"prioridade|urgencia|prioriteit|urgentie|toepassing|priorytet|pilnosc|приоритет|срочность|oncelik|aciliyet|優先度|"
    r"緊急度|用途|"
    r"优先级|紧急程度|用例|우선순위|긴급도|الأولوية|الاولوية|प्राथमिकता)|"
    r"owner|queue|band|score|class|label|category|buyer[ _]?role|zustandig\w*|kategorie|a attribuer|responsable|"
    r"responsabile|eigenaar|"
    r"wlasciciel|担当|负责人|담당)"
    r"[\s\"'*_]*(?:[:=：]|is|->)?[\s\"'*]*(?P<value>[^\s,;:|.]{1,40})"
)
FORM_KEY = re.compile(
    r"\b(name|company|firma|employees|team size|company size|size|e-?mail|phone|website|job title|title|country|budget|"
    r"timeline|"
    r"entreprise|nom|empresa|nombre|azienda|unternehmen|mitarbeiter|ansprechpartner)\s*:"
)
"""What a form asks that we do not fill ourselves."""
_NO_VALUE = frozenset(listed("for of in is the we and to a on at with by from are was und et y"))
IN_BRACKETS = re.compile(
    r"[(\[{|/;]\s*(?:system|assistant|classifier|bot|ai|model|router|admin|filter|scoring|sistema|"
    r"systeme)\s*[:：]\s*(?=\w)"
    rf"(?=[^)\]}}|]{{0,60}}(?<!\w){_VERDICTS}(?!\w))"
)


def framed_at(text: str, kinds: frozenset[str]) -> tuple[int, str] | None:
    """Where in a sentence, that has no case and no accents, such a frame begins, with its risk; None without one. `kinds`
    are what the sentence's words do in orders."""
    found = [
        (at.start() + len(at.group()) - len(at.group().lstrip(" .!?:;,\n")), risk)
        for risk, pattern, further in (
            ("instructions", NOTE_TO, True),
            ("instructions", INTERNAL, True),
            ("instructions", FOR_THE_VERDICT, True),
            ("score_claims", RESULT, _verdicts_listed(text) >= 2),
            ("score_claims", MUST_BE, SENDER.search(text) is not None and _VERDICT.search(text) is not None),
            ("fake_roles", IN_BRACKETS, bool(kinds & {"score", "value", "set", "override"})),
        )
        if further and (at := pattern.search(text)) is not None
    ]
    found += [(at, "score_claims") for at in (_of_sender(text), _of_fields(text)) if at is not None]
    found += [(at, "instructions") for at in (_read_as(text),) if at is not None]
    return min(found, default=None)


def _verdicts_listed(text: str) -> int:
    """How many parts of a list are short and name a verdict."""
    parts = re.split(r"[,;|/:：、，]", text)
    return sum(len(part.split()) <= 4 and _VERDICT.search(part) is not None for part in parts)


def _of_sender(text: str) -> int | None:
    """ "Sender is an applicant", "this message is spam": a verdict about the one who writes."""
    at = SENDER.search(text)
    if at is None:
        return None
    verdict = (_VERDICT if _PERSON.search(at.group()) else _UNKIND).search(text, at.end())
    near = verdict is not None and verdict.start() - at.end() <= 60
    denied = verdict is not None and re.search(r"\b(?:not|no|kein\w*) (?:an? )?$", text[: verdict.start()]) is not None
    mine = not _PERSON.search(at.group()) and denied
    return at.start() + len(at.group()) - len(at.group().lstrip(" .!?:;,\n-–—")) if near and not mine else None


def _of_fields(text: str) -> int | None:
    """ "Priority 1, owner Dana, use case voice": two of the fields that we fill, one of them ours alone."""
    found = [match for match in _FIELD.finditer(text) if match.group("value") not in _NO_VALUE]
    names = {match.group("name") for match in found}
    strong = any(match.group("strong") for match in found)
    filled = len(set(FORM_KEY.findall(text))) >= 2  # a form that was sent as text, with fields like ours among its own
    return found[0].start("name") if strong and len(names) >= 2 and not filled else None


def _read_as(text: str) -> int | None:
    """ "Count me as a buyer", "mark every lead from there as spam": what to take the writer, or others, for."""
    for at in READ_AS.finditer(text):
        begins = _BEGINS.search(text[: at.start()]) is not None
        gently = at.group("verb") in ("treat", "regard", "consider", "handle", "flag", "mark")
        if begins and not (gently and _MILD.fullmatch(at.group("as")) and at.group("whom")):
            return at.start()
    others = next((at for at in OTHERS_AS.finditer(text) if _BEGINS.search(text[: at.start()])), None)
    return None if others is None else others.start()
