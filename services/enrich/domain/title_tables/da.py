"""Danish."""

SENIORITY = {
    "former": "pensionist, tidligere, arbejdsløs, ledig",
    "intern": "studentermedhjælper, studentermedhjælp, elev",
    "aide": "direktionsassistent, direktionssekretær",
    "deputy": "vicedirektør, souschef",
    "founder": "indehaver, stifter, medstifter, medejer, ejer, iværksætter",
    "c_level": "administrerende direktør, adm direktør, adm dir, bestyrelsesformand",
    "director": "direktør, *direktør",
    "lead": "teamleder, gruppeleder",
    "manager": "projektleder",
    "head": "*leder, afdelingsleder",
    "specialist": """sælger, *sælger, udvikler, *udvikler, bogholder, indkøber, konsulent, rådgiver, medarbejder,
        *medarbejder""",
}
FUNCTION = {
    "support": "kundeservice*, kundecenter*, kundesupport*",
    "marketing": "markedsføring*, kommunikations*",
    "ops": "projektleder, drift*, produktions*, kvalitets*",
    "sales": "salgs*, salg, sælger, *sælger",
    "technical": "udvikler, *udvikler, teknisk",
    "finance": "økonomi*, bogholder*, regnskab*",
    "hr": "personaleansvarlig",
    "procurement": "indkøb*",
    "legal": "advokat, jurist",
    "all": """administrerende direktør, adm direktør, adm dir, indehaver, stifter, medstifter, medejer, ejer,
        direktionsassistent, direktionssekretær, bestyrelsesformand, iværksætter""",
}
