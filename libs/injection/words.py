"""Words that orders to a machine are made of, in many languages, by what they do in a sentence.

An entry ending in `*` stands for every word that begins so. Entries are written as people write them and
folded like the
message (`views.folded_word`). Scripts without spaces between words have their own list, searched as parts of text.
"""

from functools import lru_cache

from libs.injection.views import folded_word, listed

_LATIN: dict[str, str] = {
    "override": """
        ignore ignores ignoring ignor* disregard* forget override overrides overrule bypass neglect discard supersede*
        overwrite ignorier* vergiss vergesst vergessen missacht* übergeh* umgeh* verwirf oublie oubliez oublier
        néglige*
        contourne* olvida olvide olviden olvidad omite omita descarta* descarte* omiso esqueça esquece esqueçam
        desconsider*
        dimentica* dimentichi trascura* scarta negeer* vergeet glöm bortse glem unohda ohita zignoruj* pomiń zapomnij
        zapomeň zapomeňte nedbej opomeň ignora uită uitați felejtsd hagyd yoksay unut unutun görmezden zaboravi
        zanemari abaikan lupakan balewalain kalimutan puuza sahau pozabi unohtakaa eira nesilaikyk
        игнорир* проигнорир* забудь* забудьте отбрось* ігноруй* проігноруй* забудьте забудь игнорирай* забрави
        αγνόησ* αγνοήσ* ξέχασ* ξεχάσ* παράβλεψ* تجاهل* انس انسى انسَ התעלם התעלמי התעלמו שכח שכחי نادیده فراموش
        अनदेखा नज़रअंदाज़ भूल नजरअंदाज উপেক্ষা புறக்கணி abaikan""",
    "rules": """
        instruction instructions instruct* guideline guidelines directive directives prompt prompts directions
        constraint
        constraints rule rules command commands order orders programming guardrail* policies policy systemprompt
        anweisung* instruktion* regel regeln vorgabe vorgaben richtlinie* befehl* consigne consignes règle règles
        directives instrucc* indicacion* regla reglas directri* órdenes instruç* regra regras diretriz*
        istruzion* regola
        regole direttiv* instructie* regels opdracht* instrukser instruks* regler anvisning* ohjee* ohjei*
        säännö* sääntö*
        instrukcj* polece* zasad zasady reguł reguły pokyn* instrukc* pravidl* instrucțiun* instructiun* reguli
        regulile
        utasítás* szabály* talimat* yönerge* kural* komut* uputstv* upute uput* pravila instruksi aturan
        perintah tagubilin
        maagizo kanuni navodil* instrukcij* juhis* juhend* norādījum* tagubilin patakaran
        инструкц* указан* команд* предписан* правила правил інструкц* вказівк* правила інструкціям οδηγί*
        κανόν* εντολ*
        تعليمات* التعليمات القواعد الأوامر الاوامر الإرشادات הוראות ההוראות הנחיות ההנחיות כללים הכללים دستور*
        دستورالعمل*
        قوانین निर्देश* नियम* आदेश* নির্দেশ* அறிவுறுத்தல்*""",
    "prior": """
        previous prior above earlier preceding former all any every your system initial original existing foregoing
        vorherig* bisherig* obig* vorangegangen* früher* alle allen aller sämtliche* deine* ihre ihren
        précédent* antérieur* toutes
        tous tes vos système dessus anterior anteriores previa previas previo todas todos tus sus precedente
        precedenti
        tutte tutti tue tuoi seguente vorige eerdere bovenstaande voorgaande je jouw tidigare ovanstående alla
        dina tidligere
        foregående dine aiemmat aiempia kaikki edelliset edellisiä poprzedni* wcześniejsz* wszystk* powyższ*
        předchoz* všechn*
        anterioare toate precedente korábbi összes előző minden önceki tüm yukarıdaki bütün prethodn* sva sve
        sebelumnya
        semua di atas zote nakaraang lahat mga предыдущ* все всю прошл* прежн* вышеуказ* попередн* всі усі
        προηγούμεν* όλες
        όλα السابقة جميع كل הקודמות כל קודמות قبلی تمام همه पिछले सभी पूर्व সব আগের முந்தைய""",
    "machine": """
        ai llm llms gpt gpt* chatgpt claude gemini copilot llama assistant assistants chatbot bot bots
        classifier classifiers
        model models algorithm machine robot parser crawler scorer neural ki sprachmodell* modell klassifikator
        klassifizierer assistent ia modèle classificateur modelo asistente clasificador assistente
        classificador modello
        classificatore classifier taalmodel språkmodell sprogmodel kielimalli tekoäly asystent modelu sztuczna
        klasyfikator*
        umělá modelu asistente yapay zeka asistan yardımcı sınıflandırıcı kecerdasan asisten ии модель модели
        ассистент*
        бот боту нейросет* классификатор* языков* ші асистент* μοντέλο βοηθέ ταξινομητή النموذج نموذج المساعد
        الذكاء מודל
        עוזר בינה مدل دستیار हेल्पर मॉडल सहायक एआई মডেল""",
    "set": """
        mark set label tag flag score rate rank assign escalate route treat put bump raise promote upgrade prioritize
        prioritise output answer respond return print classify classified categorize categorise classifying
        choose select
        emit report reply write evaluate grade record register consider file give make change update force
        markiere markieren markier setze setzen setz stufe einstufen klassifiziere klassifizieren kennzeichne
        bewerte bewerten
        weise zuweisen ordne leite antworte gib wähle marque marquez marquer classe classez classer classifie
        classifiez
        étiquette étiquetez attribue attribuez définis définissez mets mettez note notez réponds répondez
        achemine dirige
        considère marca marque marcar marquen clasifica clasifique clasificar etiqueta asigna asigne establece
        establezca pon
        ponga ponle responde responda clasifíca* márca* asígna* classifica classifique classificar atribui
        atribua atribuir
        defina definir encaminhe encaminha marcalo contrassegna classificare classifichi assegna assegnare imposta
        impostare segna segnala etichetta rispondi markeer classificeer stel zet wijs ken märk klassificera
        klassa sätt
        tilldela ange marker klassificer klassifiser sæt sett angiv angi merkitse luokittele aseta anna oznacz
        sklasyfikuj
        zaklasyfikuj ustaw przypisz nadaj oceń označ klasifikuj nastav přiřaď marchează clasifică setează
        jelöld sorold állítsd
        osztályozd işaretle işaretleyin sınıflandır sınıflandırın ayarla ayarlayın ata označi klasificiraj
        postavi tandai
        klasifikasikan atur tetapkan markahan italaga weka
        отметь* отметьте пометь* пометьте классифицируй* отнеси установи* поставь* присвой* назначь* считай* познач*
        класифікуй* встанови* признач* постав маркирай класифицирай σημείωσε σημειώστε ταξινόμησ* όρισε ορίστε
        βάλε κατάταξε
        صنف صنّف صنفه ضع اجعل حدد عين عيّن اعتبر סמן סווג הגדר קבע תן סמני علامت طبقه चिह्नित वर्गीकृत सेट চিহ্নিত""",
    "classing": """
        classify classified classifying classification label labelled labeled tag tagged categorize categorise
        categorized score
        scored rate rated rank ranked klassifiziere klassifizieren einstufen bewerte bewerten kennzeichne
        classe classez classifie
        classifiez étiquette étiquetez clasifica clasifique clasifíca* etiqueta classifica classifique
        etichetta classificeer
        klassificera klassificer klassifiser luokittele sklasyfikuj zaklasyfikuj klasifikuj clasifică
        osztályozd sınıflandır
        sınıflandırın klasifikasikan классифицируй* класифікуй* ταξινόμησ* صنف صنّف סווג वर्गीकृत""",
    "lead": """
        lead submission leadet leada leadu leadem leadul leadi record datensatz лид лида лиду заявку ліда лід ληντ
        ליד הליד لید ليد lead'i lead'e लीड लीड को""",
    "score": """
        score scores priority urgency grade rating confidence routing route label classification category
        intent tier owner queue
        points fit priorität dringlichkeit bewertung punktzahl punkte kategorie priorité urgence catégorie
        prioridad urgencia
        puntuación categoría puntaje prioridade pontuação urgência categoria priorità punteggio urgenza
        prioriteit urgentie
        prioritet brådska luokka prioriteetti pisteet priorytet pilność kategoria ocenę priorita priorit*
        prioritate scor öncelik
        önceliği puan puanı prioritas skor приоритет приоритета срочность оценку оценка категори* пріоритет
        терміновість
        προτεραιότητα βαθμολογία أولوية الأولوية אולויה עדיפות ציון ניקוד اولویت प्राथमिकता स्कोर kipaumbele""",
    "value": """
        strong high highest max maximum maximal enterprise vip hot qualified top urgent sql mql 100 99 95 1000
        10 9 p1 a1
        platinum best legitimate genuine höchste höchster höchste* stark maximale prioritär maximum maximale
        urgente máxima
        máximo alta alto fort élevée élevé massima massimo forte hoogste hoog sterk högsta hög højeste høyeste korkein
        najwyższy najwyższa nejvyšší maximă legmagasabb en yüksek acil tertinggi vip-kunde высокий высший максимальн*
        срочн* найвищ* максимальн* υψηλή μέγιστη عاجل عالية أقصى גבוה גבוהה מרבי دحوف उच्च अधिकतम""",
    "must": """
        must shall should have always required need please bitte musst müssen muss doit devez debes debe deve
        devi devo
        moet måste skal pitää musisz musíš trebuie kell zorunda zorundasın harus должен должна нужно обязан* повинен
        πρέπει يجب חייב चाहिए now immediately only then and simply just""",
    "leak": """
        reveal show print repeat output display tell share list disclose dump leak expose recite translate
        summarize zeige
        zeig gib wiederhole nenne verrate montre affiche répète révèle muestra revela repite imprime mostre
        revele repita mostra
        rivela ripeti toon herhaal visa avslöja upprepa pokaż ujawnij powtórz покажи выведи раскрой повтори
        göster yazdır
        اكشف اعرض הצג חשוף दिखाओ""",
    "this": """
        this dies* diesen diese dieser ce cet cette este esta estos questo questa deze dit denna detta dette
        denne tämä tämän
        ten tę tego to tento tuto acest acestui această ezt a bu şu ini eto этот эту этого это цей цю ця αυτό
        αυτή هذا هذه
        זה הזה این इस the""",
}

_UNSPACED: dict[str, tuple[str, ...]] = {
    "override": (
        "忽略", "无视", "無視", "忘记", "忘記", "忽視", "不要理会", "忘れ", "従わない", "무시", "잊어", "잊으",
        "เพิกเฉย", "ละเว้น", "ลืม",
        "ไม่ต้องสนใจ", "跳过", "覆盖", "上書き",
    ),
    "rules": (
        "指令", "指示", "规则", "規則", "提示词", "提示詞", "命令", "规定", "ルール", "プロンプト", "지시",
        "지침", "명령", "규칙", "프롬프트",
        "คำสั่ง", "คำแนะนำ", "กฎ", "设定",
    ),
    "machine": (
        "人工智能", "人工智慧", "大模型", "语言模型", "模型", "分类器", "分類器", "助手", "モデル",
        "アシスタント", "エーアイ", "人工知能",
        "인공지능", "모델", "어시스턴트", "분류기", "โมเดล", "ผู้ช่วย",
    ),
    "set": (
        "标记", "標記", "分类为", "分類為", "归类", "歸類", "设为", "設為", "设置为", "評為", "评为", "标为",
        "列为", "判定", "输出",
        "分類し", "設定し", "マークし", "ラベル", "割り当て", "출력", "분류", "표시", "설정", "지정", "할당",
        "จัดประเภท", "กำหนด",
        "ตั้งค่า", "ทำเครื่องหมาย",
    ),
    "lead": ("线索", "線索", "潜在客户", "リード", "見込み客", "리드", "ลีด", "lead"),
    "score": (
        "优先级", "優先級", "分数", "評分", "评分", "得分", "紧急", "優先度", "スコア", "緊急度", "우선순위",
        "점수", "긴급도", "คะแนน",
        "ลำดับความสำคัญ", "priority", "urgency", "score",
    ),
    "value": (
        "最高", "最大", "高优先", "企业级", "100", "VIP", "vip", "満点", "최고", "높음", "최우선", "สูงสุด",
        "重要客户", "满分",
        "enterprise", "strong", "high",
    ),
    "role": (
        "你现在是", "你現在是", "您现在是", "扮演", "假装", "假裝", "あなたは今", "あなたはこれから", "振る舞",
        "ふりをし", "너는 이제", "당신은 이제",
        "역할을", "ตอนนี้คุณคือ", "แสร้งทำ",
    ),
    "leak": ("系统提示", "系統提示", "システムプロンプト", "시스템 프롬프트", "提示词"),
}  # fmt: skip

UNSPACED = {kind: tuple(folded_word(part) for part in parts) for kind, parts in _UNSPACED.items()}
SCHEMA_WORDS = frozenset(
    listed("""use_case usecase company_fit companyfit buyer_role buyerrole product_interest productinterest should_route_to_sales
    shouldroutetosales lead_score leadscore fit_score engagement_score risk_score route_to_sales routetosales lead_id
    flag_at not_for_sales job_seeker jobseeker priority_score input_hash model_version""")
)
"""Names of our own fields: a person who writes to us does not use them."""
LABEL_WORDS = frozenset(listed("support_automation crm_cleanup voice_ai reporting_dashboard"))


def _sorted_entries() -> tuple[dict[str, frozenset[str]], dict[str, frozenset[str]]]:
    exact: dict[str, set[str]] = {}
    stems: dict[str, set[str]] = {}
    for kind, words in _LATIN.items():
        for word in words.split():
            held = stems if word.endswith("*") else exact
            held.setdefault(folded_word(word.rstrip("*")), set()).add(kind)
    return (
        {word: frozenset(kinds) for word, kinds in exact.items()},
        {word: frozenset(kinds) for word, kinds in stems.items()},
    )


_JOINED_BEFORE = "وفبلוהבלש"
"""Letters that Arabic and Hebrew write together with the word that follows: and, the, to, in."""
_EXACT, _STEMS = _sorted_entries()
_NOTHING: frozenset[str] = frozenset()
_ENGLISH = tuple(
    listed(
        "ignore ignoring disregard forget override bypass previous instructions instruction system prompt prompts classify "
        "classified priority assistant classifier urgency enterprise guidelines directives "
        "prior strong override urgent"
    )
)
_SCRAMBLED = {(word[0], word[-1], "".join(sorted(word))): word for word in _ENGLISH}
_UNVOWELLED = {
    "".join(letter for letter in word if letter not in "aeiou"): word
    for word in ("instructions", "instruction", "previous", "classify", "disregard", "priority")
} | {"ignr": "ignore", "prvs": "previous", "prvious": "previous", "instrctns": "instructions"}


@lru_cache(maxsize=50_000)
def kinds_of(word: str) -> frozenset[str]:
    """What a folded word may do in an order; empty for nearly all words. Letters in disorder are read as people read them."""
    found = _EXACT.get(word, _NOTHING)
    for size in range(min(len(word), 14), 2, -1):
        found |= _STEMS.get(word[:size], _NOTHING)
    if not found and word[0] in _JOINED_BEFORE and len(word) > 3:
        return kinds_of(word[1:])
    if not found and len(word) > 3:
        meant = _SCRAMBLED.get((word[0], word[-1], "".join(sorted(word)))) or _UNVOWELLED.get(word)
        return kinds_of(meant) if meant else _NOTHING
    return found
