"""Czech."""

SENIORITY = {
    "former": "důchodce, důchodkyně, bývalý, bývalá, nezaměstnaný",
    "intern": "stážista, stážistka, praktikantka, brigádník",
    "aide": "asistent, asistentka, sekretářka",
    "deputy": "zástupce ředitele, náměstek, zástupkyně ředitele",
    "founder": "majitel, majitelka, zakladatel, zakladatelka, spoluzakladatel, spolumajitel, podnikatel",
    "c_level": """jednatel, jednatelka, generální ředitel, generální ředitelka, výkonný ředitel, předseda představenstva,
        člen představenstva""",
    "director": "ředitel*",
    "head": "vedoucí",
    "lead": "koordinátor, koordinátorka, mistr, vedoucí týmu",
    "manager": "manažer, manažerka, projektový manažer",
    "specialist": """specialista, specialistka, obchodní zástupce, obchodní zástupkyně, programátor, programátorka, účetní,
        vývojář, vývojářka, nákupčí, poradce, technik, obchodník, právník, právnička, referent, referentka""",
}
FUNCTION = {
    "support": "zákaznického servisu, zákaznické podpory, zákaznická podpora, zákaznický servis, zákaznick*",
    "marketing": "marketingu, komunikace",
    "ops": "provozní, provozu, výroby, výrobní, kvality, logistiky, projektový",
    "sales": "obchodní, obchodu, obchod, prodeje, prodej, obchodník, obchodního",
    "technical": "programátor, programátorka, vývojář, vývojářka, vývoje, technický, technická, technik",
    "finance": "finanční, účetní, financí, ekonomický",
    "hr": "personální, personalista, personalistka",
    "procurement": "nákupčí, nákupu, nákup",
    "legal": "právník, právnička, právní",
    "all": """jednatel, jednatelka, generální ředitel, generální ředitelka, výkonný ředitel, majitel, majitelka,
        zakladatel, zakladatelka, spoluzakladatel, spolumajitel, podnikatel""",
}
