"""Swedish."""

SENIORITY = {
    "former": "pensionär, tidigare, arbetslös",
    "intern": "lärling, examensarbetare",
    "aide": "vd assistent, sekreterare",
    "deputy": "vice, biträdande, ställföreträdande",
    "founder": "grundare, medgrundare, ägare, delägare, företagare",
    "c_level": "vd, verkställande direktör, styrelseordförande, koncernchef",
    "head": "*chef",
    "lead": "teamledare, gruppledare, arbetsledare, samordnare",
    "manager": "projektledare, produktägare, produktchef, controller",
    "specialist": """säljare, *säljare, utvecklare, *utvecklare, inköpare, handläggare, ekonom, redovisningsekonom, tekniker,
        konsult, jurist, ingenjör, medarbetare, rådgivare""",
}
FUNCTION = {
    "support": "kundtjänst*, kundservice*, kundsupport*",
    "marketing": "marknads*, marknad, kommunikatör, kommunikations*",
    "ops": "projektledare, driftchef, logistik*, kvalitets*, produktions*, verksamhets*",
    "sales": "försäljning*, säljare, säljchef, säljledare",
    "technical": "utvecklare, *utvecklare, teknisk*, tekniker, ingenjör, utvecklingschef",
    "finance": "ekonomichef*, ekonom, ekonomi*, redovisning*",
    "hr": "personalchef*",
    "procurement": "inköp*",
    "legal": "jurist*, bolagsjurist",
    "all": """vd, verkställande direktör, grundare, medgrundare, ägare, delägare, styrelseordförande, koncernchef,
        företagare""",
}
