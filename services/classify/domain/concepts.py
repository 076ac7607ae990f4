"""Word stems of several languages that mean the same: what lets a few hundred examples reach words they never held."""

from functools import lru_cache

STEMS: dict[str, tuple[str, ...]] = {
    "ticket": (
        "ticket", "helpdesk", "servicedesk", "zendesk", "freshdesk", "intercom", "incidenc", "chamado", "backlog",
        "escal", "eskal", "gorgias", "frontapp", "helpscout", "desk", "case",
    ),
    "care": (
        "kundenservice", "kundendienst", "soporte", "assistenz", "assistance", "klantenservice", "atendimento",
        "support", "customerservice", "hilfe", "helpcent", "atencion", "serviceanfrag", "kundenanfrag",
    ),
    "complaint": (
        "complain", "reklam", "reclam", "beschwerd", "queja", "refund", "garantie", "warrant", "escalat", "retour",
        "return", "devoluc", "livrais", "lieferung", "envio", "shipping",
    ),
    "inbox": (
        "inbox", "mailbox", "postfach", "boite", "buzon", "posteingang", "mailbo",
    ),
    "assign": (
        "assign", "routing", "rout", "triag", "zuordn", "verteil", "zuweis", "affect", "asigna", "priori", "smist",
        "weiterleit", "forward", "reenvi", "transmet", "sortier", "sorted", "trier", "tri", "doorgestuurd",
    ),
    "answer": (
        "antwort", "answer", "repond", "repons", "respuest", "reply", "replies", "rispo", "macro", "chatbot",
        "contest", "frage", "question", "pregunt", "domand", "vragen", "deflect",
    ),
    "duplicate": (
        "duplic", "dublett", "doublon", "dedup", "doppel", "dubbel", "double", "merge", "merging", "repetid",
        "twice", "mehrfach", "zusammenfuhr", "fusion", "copies", "copias", "consolid", "abgleich",
    ),
    "crm": (
        "crm", "salesforce", "hubspot", "pipedriv", "dynamics", "zoho", "sugarcrm",
    ),
    "record": (
        "record", "datens", "stammdaten", "kontaktdaten", "fiche", "registro", "datos", "donnees", "account",
        "kontakt", "contacto", "adressdat", "database", "datenbank", "fichier", "gegevens", "customerlist",
        "kundendaten", "kundenliste", "ansprechpartner", "coordonn", "marketo", "field", "feld", "champ", "campo",
        "list",
    ),
    "clean": (
        "clean", "berein", "nettoy", "limpi", "depur", "hygien", "normalis", "normaliz", "standardi", "vereinheit",
        "enrich", "anreicher", "enriquec", "veralt", "outdat", "stale", "obsol", "perime", "desactual", "inconsist",
        "pulire", "pulizia", "saub", "invalid", "ungult", "valida", "missing", "fehlen", "falta", "quality",
        "qualit", "empty", "leere", "vide", "vaci", "wrong", "falsch", "faux", "fausse", "equivoc", "foute",
        "spelling", "schreibweis",
    ),
    "voice": (
        "voice", "vocal", "voix", "voz", "sprach", "speech", "spraak", "callbot", "voicebot", "stimme", "transcri",
    ),
    "phone": (
        "phone", "telef", "anruf", "call", "appel", "llama", "hotline", "ivr", "ligac", "chiamat", "standard",
        "twilio", "sip", "minute", "receptionist", "dial", "warteschleif", "ring", "voicemail", "centralit",
        "centralino", "receptie", "empfang", "caller",
    ),
    "appointment": (
        "appointment", "termin", "rendez", "cita", "booking", "book", "reserv", "buchung", "appuntament",
    ),
    "dashboard": (
        "dashboard", "tablero", "panel", "painel", "cuadro", "chart", "grafi", "graph", "visuali", "looker",
        "power", "tableau", "cockpit", "ubersicht",
    ),
    "report": (
        "report", "bericht", "rapport", "informe", "relator", "auswert", "analy", "bi",
    ),
    "figure": (
        "kpi", "metric", "kennzahl", "indica", "zahlen", "chiffre", "numbers", "figures", "umsatz", "revenue",
        "forecast", "churn", "mrr", "retention", "attribution", "excel", "csv", "spreadsheet", "cohort", "prognos",
        "quote", "pivot", "margin", "marge", "margen", "target", "ziel", "objetiv", "objectif", "plan", "sales",
        "cifra", "cijfer", "resultat", "budget", "spend",
    ),
    "management": (
        "board", "cfo", "coo", "management", "geschaftsfuhr", "direction", "directi", "conseil", "junta",
        "investor", "executive", "filialleit", "branch", "sucursal", "filial", "store", "magasin", "tienda",
        "comit", "meeting",
    ),
    "thesis": (
        "thesis", "dissert", "masterarb", "bachelor", "memoire", "these", "tesis", "universit", "student",
        "etudiant", "estudiant", "studier", "studium", "professor", "school", "schul", "semester", "hackathon",
        "phd", "doctor", "survey", "umfrage", "assignment", "coursework", "tcc", "research", "studi", "master",
        "msc", "carrera", "hausarbeit", "referat", "berufsschul", "expose", "licence", "encuest", "etude",
        "instituto", "interview", "entrevist",
    ),
    "job": (
        "hiring", "resume", "cv", "lebenslauf", "bewerb", "bewirb", "postul", "candidat", "vacanc", "internship",
        "praktik", "stage", "vacante", "curricul", "salary", "gehalt", "career", "karriere", "emploi", "empleo",
        "recrut", "contrat", "apply", "vagas", "stelle", "ausbild", "alternance", "apprentic", "trainee",
        "bewerbung", "unterlag", "job", "work", "trabaj", "puesto", "poste", "hire",
    ),
    "selling": (
        "outsourc", "offshore", "seo", "backlink", "referenc", "catalog", "katalog", "freelanc", "externalis",
        "agency", "agentur", "agence", "agencia", "agenzia", "portfolio", "discount", "resell", "sponsor", "guest",
        "dienstleist", "anbieten", "ofrec", "propos", "offriamo", "muster", "echantillon", "muestra", "vermittl",
        "developers", "designer", "landing", "profiles", "profil", "perfil", "ads", "publicit", "publicid", "chat",
        "gesprach", "echange", "insurance", "assurance", "seguros", "versicher", "help", "hilft", "unterstutz",
        "accompagn", "aidons", "ayudam", "companieslikeyours",
    ),
    "prize": (
        "casino", "bitcoin", "crypto", "cripto", "viagra", "cialis", "lottery", "prize", "premio", "gewonnen",
        "gagne", "ganado", "click", "klick", "clic", "telegram", "whatsapp", "loan", "kredit", "credit", "prestam",
        "spins", "freispiel", "backlinks", "btc", "webcam", "replica", "gewinn", "congrat", "felici", "guaranteed",
        "garantiz", "voucher", "gutschein", "vale", "funding", "collateral", "payout", "doubl", "verdoppel",
        "dupliq", "invest", "ausgewahlt", "selection", "seleccion", "chosen", "followers",
    ),
    "rival": (
        "compet", "mitbewerb", "wettbewerb", "konkurr", "concurren", "benchmark", "alternative", "similar",
        "ahnlich", "roadmap", "rival", "vendor", "hersteller", "fabricant", "vertreib", "login", "vendemos",
        "vendons", "benchm", "herstell",
    ),
    "own": (
        "our", "own", "unser", "eigen", "selbst", "notre", "nous", "nuestr", "propr",
    ),
}  # fmt: skip


@lru_cache(maxsize=50_000)
def concepts_of(word: str) -> tuple[str, ...]:
    """The concepts of a word in normal form: a short stem has to begin it, a longer one may stand anywhere inside."""
    return tuple(
        concept
        for concept, stems in STEMS.items()
        if any(word.startswith(stem) or (len(stem) >= 5 and stem in word) for stem in stems)
    )
