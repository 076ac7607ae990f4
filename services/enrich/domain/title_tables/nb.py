"""Norwegian."""

SENIORITY = {
    "former": "arbeidsledig",
    "intern": "lærling",
    "aide": "sekretær",
    "deputy": "nestleder",
    "founder": "gründer, eier, medeier, grunnlegger, medgründer",
    "c_level": "daglig leder, styreleder, konsernsjef",
    "head": "*sjef, leder, avdelingsleder",
    "lead": "teamleder",
    "manager": "prosjektleder, produkteier",
    "specialist": """selger, *selger, utvikler, *utvikler, regnskapsfører, innkjøper, rådgiver, medarbeider, *medarbeider,
        saksbehandler""",
}
FUNCTION = {
    "support": "kundeservice, kundesenter, kundestøtte",
    "marketing": "markeds*, kommunikasjon*",
    "ops": "prosjektleder, driftssjef, logistikk*, produksjons*",
    "sales": "salgs*, selger, *selger",
    "technical": "utvikler, *utvikler",
    "finance": "økonomi*, regnskap*",
    "hr": "personalsjef",
    "procurement": "innkjøp*",
    "legal": "advokat",
    "all": "daglig leder, styreleder, eier, medeier, grunnlegger, konsernsjef, medgründer",
}
