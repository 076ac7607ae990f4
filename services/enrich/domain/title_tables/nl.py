"""Dutch."""

SENIORITY = {
    "former": "gepensioneerd, gepensioneerde, voormalig, werkloos",
    "intern": "stagiair, stagiaire, stage, bijbaan",
    "aide": """directiesecretaresse, secretaresse, directieassistent, directieassistente, managementassistent,
        managementassistente""",
    "deputy": "adjunct, plaatsvervangend",
    "founder": "eigenaar, eigenaresse, mede eigenaar, oprichter, oprichtster, ondernemer, zelfstandig ondernemer",
    "c_level": "algemeen directeur, bestuurder, bestuursvoorzitter, statutair directeur, vennoot, voorzitter",
    "head": "hoofd, *leider, afdelingshoofd, vestigingsmanager",
    "lead": "teamleider, teamleidster, ploegleider, coördinator",
    "manager": "beheerder, projectleider, productmanager",
    "specialist": """inkoper, verkoper, medewerker, medewerkster, *medewerker, *ontwikkelaar, ontwikkelaar, boekhouder,
        adviseur, monteur, jurist, *adviseur, vertegenwoordiger""",
}
FUNCTION = {
    "support": "klantenservice, klantcontact*, klantendienst, klanttevredenheid",
    "marketing": "communicatie, marketeer",
    "ops": "projectleider, logistiek, bedrijfsvoering, kwaliteit, productie, bedrijfsleider",
    "sales": "verkoop*, verkoper, commercieel, commerciële, buitendienst, binnendienst, *verkoper, vertegenwoordiger",
    "technical": "automatisering, ontwikkelaar, *ontwikkelaar, systeembeheer*, technisch, applicatiebeheer*",
    "finance": "financieel, financiële, financiën, boekhoud*, administratie, salarisadministr*",
    "hr": "personeelszaken, p&o, personeel*",
    "procurement": "inkoop*, inkoper",
    "legal": "juridisch, juridische, bedrijfsjurist",
    "all": """algemeen directeur, eigenaar, eigenaresse, mede eigenaar, oprichter, oprichtster, ondernemer,
        bestuurder, bestuursvoorzitter, vennoot, statutair directeur, directiesecretaresse, directieassistent*""",
}
