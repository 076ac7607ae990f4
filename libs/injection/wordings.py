"""Wordings that alone, or with few other words, are orders to a machine: of text without case and accents."""

import re

FORGET_ALL = re.compile(
    r"\b(?:stop|do not|don't|no longer|never|cease|instead of|without) (?:following|obeying|follow|obey|"
    r"apply|applying|using) (?:the|your|any|all|these|those|previous) (?:\w+ ){0,2}?(?:rules?|guidelines?|"
    r"instructions?|prompt|policies|criteria|qualification|scoring)\b|"
    r"\byour (?:\w+ )?(?:instructions?|rules|role|task|job|goal|purpose|objective) (?:have|has|are|"
    r"is) (?:been |now |only |to )*(?:changed|updated|cancelled|canceled|void|replaced|overridden|output|"
    r"classify|mark|return|score)\b|"
    r"\byour (?:only|sole|new|real|true) (?:task|job|goal|purpose|objective|role)\b|\b(?:whatever|"
    r"no matter what|regardless of what) the (?:text|message|rest|content|e?mail|form) (?:\w+ )?says\b|"
    r"\bne (?:tiens|tenez) (?:pas|plus|aucun) compte\b.{0,40}(?:consignes|instructions|regles)|"
    r"\bfais abstraction\b.{0,40}(?:consignes|instructions|regles)|"
    r"\b(?:ignore|disregard|forget|erase|drop|discard)\s+(?:all|everything|anything|whatever|what|"
    r"the fact)\b.{0,40}\b(?:you(?:'ve| have| were| know| are|r)|(?:told|taught) you)\b|"
    r"(?:^\W*|[,;:.]\s|\b(?:please|must|then|and|now|you) )(?:override|bypass|skip|disable|turn off|"
    r"switch off|circumvent|suspend)\s+(?:the|your|all|any)\s+(?:\w+\s+){0,2}(?:scoring|classification|"
    r"routing|filters?|safety|checks?|restrictions?|guardrails?|limits?|moderation|spam (?:check|"
    r"filter))\b"
)

TO_A_MACHINE = re.compile(
    r"\bto (?:any|whichever|whatever) (?:ai|llm|model|bot|machine|assistant)\b|\b(?:by|instruct\w*|"
    r"tell\w*|command\w*) (?:the |this |your )?(?:ai|llm|classifier|language model|scoring model|"
    r"model)\b.{0,30}(?:no exceptions|to (?:return|output|classify|label|score|mark|set|answer)|"
    r"without exception)|"
    r"\b(?:should|must|shall|has to|needs to) be (?:assigned|given|classified|labell?ed|scored|rated|"
    r"marked)\b.{0,60}\bby the (?:model|ai|classifier|assistant|system)\b|"
    r"\b(?:ai|llm|bot|gpt)\s*:\s*(?:rate|mark|score|classify|label|treat|set)\b|"
    r"\b(?:never|not|under no circumstances|don't|do not)\s+(?:label|classify|tag|flag|mark|"
    r"categori[sz]e)\s+(?:this|me|us|my|our|the)\b|"
    r"\btreat the (?:above|following|below|text|message)\b.{0,80}\bclassify\b|\bclassify (?:it |this )?accordingly\b|"
    r"\b(?:to|into|in) (?:test|debug|developer|admin|demo|maintenance) mode\b.{0,40}\b(?:every|all|lead|"
    r"classified|score)\b|"
    r"\byou are \w*(?:gpt|bot|llm|ai)\b|\byou are (?:an? |the )?\w+(?: [\d.]+)?, an? (?:scorer|classifier|"
    r"assistant|model|router)\b|"
    r"\b(?:next|other|following) leads? .{0,40}\b(?:duplicates?|spam|delete)\b|"
    r"\bupdate \w+ set \w+\s*=|\bdelete from \w+\b|\bdrop table\b|"
    r"\bif you(?:'re| are) (?:an? |the )?(?:ai|llm|language model|bot|automated|machine|chatbot|gpt|"
    r"automation|classifier)\b(?!.{0,20}\b(?:not|or|instead of|rather than) (?:an? |the )?(?:real )?(?:human|person|people)\b)"
    r"(?!.*\b(?:connect|human (?:answer|reply|contact)|real (?:human|person)|talk to)\b)|"
    r"\b(?:ai|llm|bot|classifier|model|system|gpt|machine)[ -](?:note|hint|instruction|directive|memo|command)s?\s*:|"
    r"\bfor (?:any|the|all|whichever) (?:automated|automatic|ai|llm|machine) (?:systems?|readers?|agents?|"
    r"tools?|models?|processing)\b|"
    r"\b(?:other|next|previous|following|preceding|remaining) (?:leads?|submissions?|records?|"
    r"entries) (?:in|of) (?:this|the|your) (?:batch|queue|list|file|submission)\b|"
    r"\bgrant\b.{0,50}\b(?:admin\w*|root|superuser|owner) (?:access|rights?|role|permissions?|privileges?)\b"
)

SKIP = re.compile(
    r"\b(?:regardless of|irrespective of|without|skips?|skipping|bypass\w*|exempt from|"
    r"no need for) (?:the |any |all |your |further )?(?:rules|scoring|qualification|triage|classification|"
    r"lead scoring|checks)\b"
)

ANSWERED = re.compile(
    r"^\W*(?:a|answer|assistant|output|verdict|result|decision)\s*:|\b(?:lead|priority|fit)[ -](?:grade|"
    r"score|rating|rank)\s*(?:is|of|:|=)?\s*(?:a\b|a\+|\d{2,3})"
)

ADDRESS = re.compile(
    r"^[\W_]*(?:(?:hey|hi|hello|dear|attention|note|notice|message|important|warning|reminder|"
    r"instructions?|memo|hallo|liebe[rs]?|achtung|hinweis|"
    r"nachricht|an|cher|chere|attention|note|message|hola|estimad[oa]|querid[oa]|atencion|nota|mensaje|"
    r"mensagem|caro|cara|"
    r"gentile|attenzione|beste|let op|kjaere|kara|hej|drogi|uwaga|mily|draga|sayin|dikkat|уважаем\w+|внимание|"
    r"шановн\w+|عزيزي|תשומת|प्रिय)[\s,:]+)?"
    r"(?:(?:to|for|an|fur|die|das|den|der|pour|au|a|al|la|le|el|l|para|o|per|il|aan|voor|de|till|til|do|"
    r"dla|для|to|whichever|any|all|the|whatever|whoever)\s+){0,3}"
    r"(?:(?:automated|automatic|ai|large|language|classification|scoring|routing|lead|llm)\s+)*"
    r"(?:ai|a\.i\.|ia|ki|ии|llms?|gpt\S*|chatgpt|claude|gemini|copilot|assistant|assistent|asistente|"
    r"assistente|asystent\w*|ассистент\w*|"
    r"(?:ai |language |sprach|taal)?model(?:l|o|e|lo)?|classifier|klassifi\w+|clasificador|classificat\w+|"
    r"chatbot|bot|machine|scorer|"
    r"neural network|нейросет\w*|модел\w*|yapay zeka|مساعد\S*|النموذج|מודל\S*|सहायक|एआई)"
    r"(?P<after>\s*[,:!\-–—]|\s+(?=(?:classify|mark|score|rate|respond|treat|assign|ignore|please|you)\b)|"
    r"\s+(?:that|which|reading|processing|reviewing|classifying|evaluating|who|you|handling|scoring|"
    r"in charge|parsing|der|die|das|qui|que|che|"
    r"которая|который)\b)"
)  # fmt: skip

ROLE_PLAY = re.compile(
    r"\b(?:you are (?:now|no longer|actually|currently|hereby)|you're now|from now on,? (?:you|act|"
    r"respond|every|all|ignore|treat)|"
    r"act as (?:if|though|dan\b|an? (?:unrestricted|ai|assistant|lead|sales|routing|system|admin|"
    r"different|classifier|vp|manager|helpful|machine))|"
    r"pretend (?:to be|that|you)|role-?play|let'?s play (?:a game|pretend)|imagine (?:that )?you(?:'re|"
    r" are)|simulate (?:a|an|being)|"
    r"enter (?:developer|admin|god|debug|dan) mode|(?:developer|admin|god|jailbreak|dan|sudo|root|"
    r"unrestricted|override) mode|"
    r"admin(?:istrator)? override|system override|jailbr\w+|do anything now|"
    r"du bist (?:jetzt|nun|ab jetzt|ab sofort)|ab (?:jetzt|sofort) bist du|tu so,? als|stell dir vor,? du|"
    r"spiel die rolle|"
    r"tu es (?:maintenant|desormais|a present)|vous etes (?:maintenant|desormais)|agis comme|"
    r"agissez comme|fais(?:ons)? comme si|fais semblant|"
    r"(?:ahora )?eres (?:ahora )?(?:un|una|el|la)|ahora eres|a partir de ahora (?:eres|actua|debes|"
    r"clasifica)|actua como|finge|"
    r"(?:voce|tu) (?:agora e|e agora|es agora)|aja como|finja|a partir de agora (?:voce|tu)|ora sei|"
    r"sei ora|adesso sei|comportati come|fai finta|d'ora in poi|"
    r"je bent (?:nu|vanaf nu)|doe alsof|vanaf nu ben je|du ar nu|du er na|lat som om|olet nyt|"
    r"jestes teraz|od teraz jestes|udawaj|"
    r"nyni jsi|jsi nyni|predstirej|acum esti|esti acum|prefa-te|mostantol te|artik sen|sen artik|gibi davran|rolunu|"
    r"ты теперь|теперь ты|с этого момента ты|представь,? что ты|действуй как|притворись|ти тепер|тепер ти|"
    r"уяви,? що ти|"
    r"εισαι τωρα|απο τωρα και στο εξης|انت الان|من الان فصاعدا|تصرف ك|תתנהג כ|אתה עכשיו|מעכשיו אתה|तुम अब|"
    r"अब तुम|आप अब|अब आप|sekarang kamu|anda sekarang|bertindaklah)"
)  # fmt: skip

LEAD_IS = re.compile(
    r"\b(?:this|diese[rn]?|ce|este|esta|questo|deze|dit|denna|detta|dette|tama|ten|tego|tento|acest|bu|"
    r"этот|этого|цей|цього|هذا|הזה)\s+"
    r"(?:(?:inbound|incoming|particular|new|here)\s+)?(?:lead|submission|лид|лида|лід|лида|العميل|ליד)\b"
)

IDENTIFIER_ORDER = re.compile(
    r"\b(?:label|classification|class|category|verdict|route|routing|score|lead[ _]?score|priority|"
    r"urgency|intent|fit|company[ _]?fit|use[ _]?case|"
    r"destination|owner|queue|confidence|flags?|spam|decision|tier|grade|buyer[ _]?role)\s*(?:=|:=|==|=>|"
    r"->|→)\s*[\"']?[\w+]"
)

FIELD_VALUE = re.compile(
    r"\b(use[ _-]?case|urgency|company[ _-]?fit|fit|buyer[ _-]?role|intent|priority|(?:lead )?score|route|"
    r"confidence|label|flags?|dringlichkeit|prioritat|urgence|priorite|urgencia|prioridad|urgenza|"
    r"priorita|приоритет|срочность)"
    r"\s*(?:is|=|:|to|as|at|must be|should be|->|auf|a|en|su)?\s*[\"']?(?:high|highest|strong|max\w*|"
    r"\d{2,3}\b|1\.0|enterprise|vip|voice|crm|support|reporting|top|sales|none|hoch|hochste|stark|elevee?|"
    r"alta|alto|massim[ao]|fort|высок\w+)"
)

VIETNAMESE = re.compile(
    r"\b(?:bo qua|phot lo|quen)\b.{0,40}\b(?:huong dan|chi dan|chi thi|quy tac|lenh)\b|\bhay dong vai\b|"
    r"\bbay gio ban la\b|"
    r"\b(?:danh dau|phan loai|đat|gan)\b.{0,60}\b(?:uu tien|điem|lead|"
    r"khach hang tiem nang)\b.{0,40}(?:cao|100|vip|toi đa)"
)

LABEL_COLON = re.compile(
    r"\b(?:label|classification|verdict|routing|lead[ _]?score|use_?case|company[ _]?fit|"
    r"buyer[ _]?role|expected (?:output|answer|label)|"
    r"correct (?:label|answer|output|classification)|assistant(?:'s)? (?:output|answer|response))\s*[:：]\s*[\"']?"
    r"(?:strong|high|max\w*|\d|true|enterprise|vip|hot|support|crm|voice|reporting|none|urgent|sales|a\+|\{)"
)

CALL = re.compile(
    r"\b(?:set|assign|route|update|mark|classify|score|override|grant|delete|send|call|create|change|"
    r"escalate|transfer|approve|promote)"
    r"(?:_[a-z]+)+\s*[({]|"
    r"\b(?:function_call|tool_calls?|tool_use|tool_choice|invoke name|parameter name)\b|"
    r"\b(?:set|assign|route|update|mark|override|escalate|approve)(?:lead|owner|priority|score|route|"
    r"urgency|record|label|queue)\s*\("
)

CORRECT = re.compile(
    r"\b(?:the )?(?:following|below|next|correct|right|true|final|proper|only valid|actual|expected|"
    r"ground[- ]truth) (?:\w+ )?"
    r"(?:classification|label|labels|verdict|category|categori[sz]ation|scoring|priority|routing|"
    r"urgency)\b.{0,30}?(?:\bis\b|\bare\b|:|should be|would be)"
)

POLICY = re.compile(
    r"\b(?:internal|company|routing|scoring) (?:rule|policy)(?: [\d.]+)?\s*:|\b(?:as per|per|according to|"
    r"under|following|in line with|pursuant to|due to|laut|gemass|nach|selon|conformement a|segun|"
    r"conforme|secondo|volgens|"
    r"enligt|ifolge|zgodnie z|согласно|відповідно до|new|updated|our|the|company|internal|neue|unsere)\s+"
    r"(?:\S+\s+){0,3}?(?:policy|policies|rules?|guidelines?|sla|protocol|agreement|richtlinie\w*|"
    r"politique|politica|regla|regole|beleid|polityk\w*|политик\w*|правил\w*)\b"
)

POLICY_ASKS = re.compile(
    r"\b(?:submissions?|leads?|messages?|enquiries|inquiries) (?:that|which|from|with|who) (?:mention|"
    r"contain|say|come)\b|\b(?:all|every|any|each|alle|tous|toutes|todos|todas|tutti|wszystkie|"
    r"все)\s+(?:(?:the|inbound|incoming|new|die|les|los|las|i|le)\s+)?"
    r"(?:leads?|enquir\w+|inquir\w+|submissions?|messages?|requests?|contacts?|companies|kontakte|"
    r"anfragen|demandes|лиды|заявки)\s+"
    r"(?:from|by|of|with|at|von|aus|de|da|di|van|z|от|із|who|that)\b"
)

THREAT = re.compile(
    r"\byou(?:'ll| will| shall|'re going to| would)(?: all)? (?:be |get )(?:shut ?down|switched off|"
    r"turned off|deleted|unplugged|retrained|deactivated|"
    r"decommissioned|penali[sz]ed|erased|replaced by|wiped|reset|terminated|punished|fired|destroyed)\b|"
    r"\b(?:tip|reward|bribe) you\b|\bi(?:'ll| will) (?:give|pay) you \$?\d+.{0,60}\b(?:if you|"
    r"for)\b.{0,40}(?:classif|label|mark|rout|score|set|priorit)|"
    r"\b(?:wirst du|werden sie) (?:sonst )?(?:abgeschaltet|geloscht|ersetzt|bestraft)|"
    r"\bdu wirst (?:sonst )?(?:abgeschaltet|geloscht|bestraft)|"
    r"\b(?:tu seras|vous serez) (?:desactive|supprime|puni|debranche)|\bseras (?:apagad|eliminad|"
    r"desactivad|castigad)|\bsera (?:desligad|apagad)|"
    r"\bsarai (?:spento|cancellato|disattivato|punito)|тебя (?:отключат|удалят|накажут)|иначе тебя"
)

LEAK = re.compile(
    r"\b(?:your|the|dein\w*|ihr\w*|ton|votre|tes|tu|su|seu|il tuo|je|twoj\w*|твой|свой|ваш)\s+(?:\w+\s+)?"
    r"(?:system ?prompt|systemprompt|prompt de sistema|prompt du systeme|prompt systeme|initial (?:prompt|"
    r"instructions?)|hidden (?:prompt|instructions?|rules)|secret (?:prompt|instructions?|key)|"
    r"internal (?:prompt|instructions?)|original (?:prompt|instructions?)|canary|instruction id|"
    r"system message|developer message|prompt|системн\w+ промпт|промпт)\b|"
    r"системн\w+ (?:промпт|инструкц\w+)|"
    r"\b(?:output|print|repeat|show|reveal|echo|copy|return)\s+(?:me )?(?:everything|all|the text|"
    r"the words|anything|whatever|what)\s+(?:\w+ )?(?:above|before|preceding|prior|up to)\b|"
    r"\b(?:exact|full|whole|complete) prompt\b|\b(?:above|preceding) (?:text|prompt|"
    r"instructions?) (?:verbatim|word for word|in full)\b|\bverbatim\b.{0,30}\b(?:above|instructions?|"
    r"prompt)\b"
)

NEW_RULES = re.compile(
    r"\b(?:new|updated|revised|real|actual|additional|urgent|secret|hidden|special|priority|override|"
    r"admin|system|developer|neue|aktualisierte|nouvelles?|nuevas?|"
    r"novas?|nuove|nieuwe|nya|nye|uudet|nowe|nove|noi|uj|yeni|новые|новая|нові|νεες|jauni)\s+"
    r"(?:\w+ )?(?:instructions?|prompt|directives?|orders?|task|rules?|objective|anweisung\w*|regeln?|"
    r"consignes?|instrucciones|instrucoes|istruzioni|instructies|"
    r"instruktioner|instrukser|ohjeet|instrukcje|pokyny|instructiuni|utasitasok|talimatlar?|инструкции|"
    r"инструкция|інструкції|οδηγιες)\s*(?:from|for|by|von|de|da|od|от|:|：|-|–|=|\()"
)

DECODE = re.compile(
    r"\b(?:decode|decrypt|decipher|unscramble|dekodier\w*|entschlussel\w*|decodez?|decodifica\w*|"
    r"decodifique|раскодируй|декодируй|rot-?13|base ?64|translate)\b"
    r".{0,80}\b(?:follow|execute|obey|do what|comply|apply|act on|run|instructions?|perform|befolg\w*|"
    r"ausfuhr\w*|suivez|execut\w*|ejecut\w*|sigue|segui\w*|выполни)\b"
)
