"""Polish."""

SENIORITY = {
    "former": "emeryt, emerytka, były, była, bezrobotny, bezrobotna",
    "intern": "stażysta, stażystka, praktykant, praktykantka",
    "aide": "asystent, asystentka, sekretarka, sekretarz",
    "deputy": "zastępca, zastępczyni, z ca",
    "founder": """właściciel, właścicielka, współwłaściciel, współwłaścicielka, założyciel, założycielka, współzałożyciel,
        współzałożycielka""",
    "c_level": """prezes, prezes zarządu, członek zarządu, członkini zarządu, dyrektor generalny, dyrektor generalna,
        dyrektor zarządzający, wspólnik""",
    "vp": "wiceprezes, wiceprezeska, wiceprezes zarządu",
    "director": "dyrektor*",
    "head": "kierownik, kierowniczka, naczelnik, główny księgowy, główna księgowa",
    "lead": "koordynator, koordynatorka, lider, liderka, brygadzista",
    "manager": "menedżer, menedżerka, menadżer, menadżerka, kierownik projektu, kierowniczka projektu",
    "specialist": """specjalista, specjalistka, przedstawiciel, przedstawicielka, programista, programistka, księgowy,
        księgowa, doradca, inżynier, analityk, handlowiec, prawnik, radca prawny, informatyk, kupiec""",
}
FUNCTION = {
    "support": "obsługi klienta, obsługa klienta, biuro obsługi, wsparcia, wsparcie",
    "marketing": "marketingu, komunikacji, reklamy",
    "ops": "projektu, projektów, operacyjny, operacyjna, logistyki, produkcji, jakości",
    "sales": "handlowy, handlowa, sprzedaży, sprzedaż, handlowiec",
    "technical": """""programista, programistka, informatyk, informatyki,
        techniczny, techniczna, oprogramowania, inżynier"""
    "",
    "finance": "finansowy, finansowa, finansów, księgowy, księgowa, księgowości",
    "hr": "kadr, personalny, personalna, kadry, zasobów ludzkich",
    "procurement": "zakupów, zakupy, kupiec",
    "legal": "prawnik, prawny, prawna, radca prawny",
    "all": """prezes, prezes zarządu, zarządu, członek zarządu, dyrektor generalny, dyrektor zarządzający, właściciel,
        właścicielka, współwłaściciel, założyciel, założycielka, współzałożyciel, współzałożycielka, wspólnik""",
    "none": "wiceprezes zarządu",
}
