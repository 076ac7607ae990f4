"""Finnish."""

SENIORITY = {
    "former": "eläkeläinen, entinen, työtön",
    "intern": "harjoittelija, *harjoittelija, kesätyöntekijä",
    "aide": "assistentti, *assistentti, sihteeri, *sihteeri",
    "deputy": "vara, varatoimitusjohtaja",
    "founder": "perustaja, perustajaosakas, yrittäjä, omistaja, osakas, perustajajäsen",
    "c_level": "toimitusjohtaja, hallituksen puheenjohtaja",
    "vp": "varatoimitusjohtaja, varapääjohtaja",
    "director": "johtaja, *johtaja",
    "head": "osastopäällikkö, yksikönpäällikkö",
    "lead": "tiiminvetäjä, tiimiesimies, esimies, esihenkilö, vuoropäällikkö",
    "manager": "päällikkö, *päällikkö",
    "specialist": """asiantuntija, *asiantuntija, kehittäjä, *kehittäjä, kirjanpitäjä, myyjä, ostaja, insinööri, konsultti,
        suunnittelija, *suunnittelija, koodari, myyntiedustaja, juristi, lakimies""",
}
FUNCTION = {
    "support": "asiakaspalvelu*, asiakastuki*, asiakkuus*",
    "marketing": "markkinointi*, viestintä*",
    "ops": "projektipäällikkö, tuotanto*, laatu*, operatiivinen, logistiikka*",
    "sales": "myynti*, myyjä",
    "technical": "ohjelmisto*, tietohallinto*, tekninen, kehittäjä, tuotepäällikkö, koodari, teknologia*",
    "finance": "talous*, kirjanpit*",
    "hr": "henkilöstö*",
    "procurement": "ostaja, hankinta*, osto*",
    "legal": "lakimies, juristi",
    "all": """toimitusjohtaja, varatoimitusjohtaja, perustaja, yrittäjä, omistaja, osakas, perustajaosakas,
        hallituksen puheenjohtaja""",
}
