"""Names of industries as forms, registers and LinkedIn write them -> labels of the shipped taxonomy.

Sources: LinkedIn's industry codes (V1 and V2), NAICS 2022 two-digit sectors and SIC divisions. A name that is not here is
looked for with the taxonomy's words.
"""

from functools import lru_cache

from services.classify.domain.phrases import tokens_of

_NAMES = {
    "software": """information technology & services; it services and it consulting; computer software; internet;
        computer & network security;
        software development; technology, information and internet; information technology; computer hardware;
        computer games and software; saas; it;
        it & software; technology; tech; high tech; computer networking; edv; informatik; informatique; tecnologia;
        data processing, hosting, and related services""",
    "ecommerce": """retail; retail trade; e-commerce; ecommerce; consumer goods; apparel & fashion; luxury goods &
        jewelry; supermarkets; online retail;
        wholesale; wholesale trade; sporting goods; furniture; cosmetics; consumer electronics; handel; einzelhandel;
        commerce de détail; retail apparel and fashion; import and export""",
    "financial_services": """banking; financial services; insurance; accounting; investment banking; investment
        management; venture capital & private equity;
        capital markets; finance and insurance; finance; fintech; finance, insurance, and real estate; payments;
        finanzdienstleistungen; banques; versicherung; assurance; seguros""",
    "healthcare": """hospital & health care; hospitals and health care; health, wellness & fitness; medical practice;
        medical devices; pharmaceuticals;
        biotechnology; veterinary; mental health care; health care and social assistance; healthcare; health; medical;
        gesundheitswesen; santé; salud; sanità; alternative medicine""",
    "manufacturing": """manufacturing; machinery; automotive; chemicals; electrical & electronic manufacturing;
        industrial automation; mechanical or industrial engineering;
        plastics; packaging & containers; paper & forest products; textiles; food production; food & beverages;
        aviation & aerospace; semiconductors; mining & metals; building materials;
        maschinenbau; industrie; industry; industrial; produktion; fabrication; furniture manufacturing; defense &
        space; glass, ceramics & concrete""",
    "logistics": """logistics & supply chain; transportation/trucking/railroad; transportation; transport;
        warehousing; package/freight delivery; maritime; import & export;
        transportation and warehousing; logistics; supply chain; freight; logistik; logistique; logística;
        transportation, communications, electric, gas, and sanitary services""",
    "telecom": """telecommunications; wireless; telecom; telekommunikation; télécommunications; telecomunicaciones""",
    "professional_services": """management consulting; law practice; legal services; staffing and recruiting; human
        resources; marketing and advertising; marketing & advertising; architecture & planning;
        outsourcing/offshoring;
        public relations and communications; professional, scientific, and technical services; professional services;
        consulting; business consulting and services; market research; design; translation and localization;
        advertising services; legal; beratung; unternehmensberatung; conseil; services; business supplies and
        equipment; security and investigations; events services; administrative and support""",
    "education": """higher education; education management; e-learning; primary/secondary education; educational
        services; education; professional training & coaching; bildung; éducation; educación; research""",
    "public_sector": """government administration; public administration; public safety; law enforcement; military;
        judiciary; public policy; government; government relations; public sector; legislative office; öffentlicher
        dienst; öffentliche verwaltung""",
    "energy": """oil & energy; utilities; renewables & environment; oil and gas; energy; solar; energie; mining,
        quarrying, and oil and gas extraction; environmental services; énergie; energía""",
    "real_estate": """real estate; commercial real estate; construction; civil engineering; facilities services; real
        estate and rental and leasing; property; immobilien; immobilier; bau; baugewerbe""",
    "hospitality": """hospitality; hotels; restaurants; leisure, travel & tourism; food and beverage services;
        accommodation and food services; airlines/aviation; travel; tourism; gastronomie; tourismus; hotellerie;
        gambling & casinos; recreational facilities and services""",
    "media": """media production; newspapers; publishing; broadcast media; entertainment; music; computer games;
        motion pictures and film; online media; photography; printing; media; arts, entertainment, and recreation;
        animation; writing and editing; performing arts; sports; medien; gaming""",
    "nonprofit": """nonprofit; non-profit; nonprofit organization management; non-profit organization management;
        civic & social organization; philanthropy; religious institutions; individual & family services; fund-raising;
        think tanks; international affairs; gemeinnützig; ngo""",
    "other": """agriculture, forestry, fishing and hunting; agriculture; farming; fishery; dairy; ranching; wine and
        spirits; other; other services; consumer services; landwirtschaft; sonstige; autre; otros; altro; personal
        care services""",
}
_NAICS = {
    "11": "other", "21": "energy", "22": "energy", "23": "real_estate", "31": "manufacturing", "32": "manufacturing",
        "33": "manufacturing",
    "42": "ecommerce", "44": "ecommerce", "45": "ecommerce", "48": "logistics", "49": "logistics", "51": "software",
        "52": "financial_services",
    "53": "real_estate", "54": "professional_services", "55": "professional_services", "56": "professional_services",
        "61": "education",
    "62": "healthcare", "71": "media", "72": "hospitality", "81": "other", "92": "public_sector",
}  # fmt: skip
_NAICS_EXACT = {
    "517": "telecom",
    "511": "media",
    "512": "media",
    "516": "media",
    "5132": "software",
    "813": "nonprofit",
}
_SIC = (
    (100, 999, "other"),
    (1000, 1499, "energy"),
    (1500, 1799, "real_estate"),
    (2000, 3999, "manufacturing"),
    (4000, 4799, "logistics"),
    (4800, 4899, "telecom"),
    (4900, 4999, "energy"),
    (5000, 5799, "ecommerce"),
    (5800, 5899, "hospitality"),
    (5900, 5999, "ecommerce"),
    (6000, 6499, "financial_services"),
    (6500, 6599, "real_estate"),
    (6600, 6799, "financial_services"),
    (7000, 7099, "hospitality"),
    (7370, 7379, "software"),
    (7300, 7399, "professional_services"),
    (7800, 7999, "media"),
    (8000, 8099, "healthcare"),
    (8100, 8199, "professional_services"),
    (8200, 8299, "education"),
    (8300, 8699, "nonprofit"),
    (8700, 8799, "professional_services"),
    (9100, 9799, "public_sector"),
)  # fmt: skip


def industry_named(stated: str) -> str | None:
    """The label of an industry's name or NAICS or SIC code; None when the table does not know it.

    A code counts with its scheme before it ("NAICS 5415", "SIC 7372"); four digits alone are read as SIC, others as NAICS.
    """
    words = _normal(stated)
    digits = "".join(word for word in words.split() if word.isdecimal())
    if digits and not set(words.split()) - {"naics", "sic", digits}:
        is_sic = "sic" in words or ("naics" not in words and len(digits) == 4)
        return _by_sic(int(digits)) if is_sic else _by_naics(digits)
    return _by_name().get(words)


def _by_naics(digits: str) -> str | None:
    exact = next((label for prefix, label in _NAICS_EXACT.items() if digits.startswith(prefix)), None)
    return exact or _NAICS.get(digits[:2])


def _by_sic(code: int) -> str | None:
    return next((label for first, last, label in _SIC if first <= code <= last), None)


@lru_cache(maxsize=1)
def _by_name() -> dict[str, str]:
    return {_normal(name): label for label, names in _NAMES.items() for name in names.split(";")}


def _normal(name: str) -> str:
    return " ".join(
        token.normal for token in tokens_of(name) if token.normal and token.normal not in ("and", "und", "et")
    )
